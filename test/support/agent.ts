import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from './ward.ts'

const MAIN = join(ROOT, 'edge-agent/src/cli/main.ts')

export interface AgentProcess {
  readonly closed: Promise<unknown>
  readonly code: () => number | null
  readonly said: () => { out: string; err: string }
  isRunning(): boolean
  end(): Promise<number | null>
}

/** `vigil-agent` as a board runs it. */
export function startAgent(argv: readonly string[], env: Readonly<Record<string, string>> = {}): AgentProcess {
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString() })
  const closed = once(child, 'close')
  return {
    closed,
    code: () => child.exitCode,
    said: () => ({ out, err }),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async end() {
      child.kill('SIGTERM')
      await closed
      return child.exitCode
    },
  }
}

/** Runs one command to its end. */
export async function runAgent(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; out: string; err: string }> {
  const agent = startAgent(argv, env)
  await agent.closed
  return { code: agent.code(), ...agent.said() }
}
