import { spawn } from 'node:child_process'
import type { Clock } from '@vigil/contract'

export interface CommandOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly limitMs: number
  readonly clock: Clock
  /** Shows what the command says as it says it. */
  readonly show?: (text: string) => void
}

export interface CommandOutcome {
  readonly code: number | null
  readonly output: string
  readonly tooSlow: boolean
}

const REMEMBERED = 200_000
const KILL_AFTER_MS = 5_000

/** Runs one command line to its end, or ends it (and what it started) at the limit. */
export function runCommand(line: string, options: CommandOptions): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const child = spawn(line, { cwd: options.cwd, env: { ...options.env }, shell: true, detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let tooSlow = false
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-REMEMBERED)
        options.show?.(text)
      })
    }
    let cancel = options.clock.after(options.limitMs, () => {
      tooSlow = true
      endGroup(child.pid, 'SIGTERM')
      cancel = options.clock.after(KILL_AFTER_MS, () => endGroup(child.pid, 'SIGKILL'))
    })
    const done = (code: number | null) => {
      cancel()
      resolve({ code, output, tooSlow })
    }
    child.on('error', (error) => {
      output += error.message
      done(null)
    })
    child.on('close', done)
  })
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch {
    // It ended at this very moment.
  }
}
