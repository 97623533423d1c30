import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface AgentProcess {
  readonly child: ChildProcess
  /** Standard output and standard error so far. */
  readonly said: () => { out: string; err: string }
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** `vigil-agent`, or another program around the agent, as a process of its own. */
export function startAgentProcess(argv: readonly string[], env: Readonly<Record<string, string>> = {}, program = main): AgentProcess {
  const child = spawn(process.execPath, [program, ...argv], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const closed = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  return {
    child,
    said: () => ({ out, err }),
    async kill(signal) {
      child.kill(signal)
      await closed
      return child.exitCode
    },
  }
}

/** Runs a command to its end. */
export async function runAgentCommand(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; out: string; err: string }> {
  const agent = startAgentProcess(argv, env)
  await once(agent.child, 'close')
  return { code: agent.child.exitCode, ...agent.said() }
}
