import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Clock } from '@vigil/contract'
import { waitUntil } from '../process/end.ts'
import { openLog } from './log-file.ts'

/** One program of the house, as the supervisor starts it. */
export interface ProgramSpec {
  /** Short name, also of its log file: `broker`. */
  readonly name: string
  /** What people call it: `the broker`. */
  readonly title: string
  /** TypeScript file that Node runs. */
  readonly entry: string
  readonly args?: readonly string[]
  /** Words to Node itself. */
  readonly nodeArgs?: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** How long it may take to say that it is ready. */
  readonly readyLimitMs: number
  /** The least time an ordered stop leaves it before it is killed. */
  readonly stopLimitMs: number
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Child {
  readonly pid: number
  /** The facts of its ready line; never settles when the program ends before. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>
  readonly exited: Promise<Exit>
  readonly running: () => boolean
  stop(limitMs: number, clock: Clock): Promise<void>
}

const KILL_WAIT_MS = 500
/** A ready line is short; a program that prints without end on standard output is not allowed to fill our memory. */
const LONGEST_LINE = 64 * 1024

/**
 * Starts a program with a channel to us: when we are gone, even by SIGKILL, the channel closes and the program stops by
 * itself. It gets a process group of its own, so that Ctrl-C in the terminal reaches us alone and the order of stopping is ours.
 */
export function spawnChild(spec: ProgramSpec, log: string): Child {
  const file = openLog(log)
  const child = spawn(process.execPath, [...(spec.nodeArgs ?? []), spec.entry, ...(spec.args ?? [])], {
    cwd: spec.cwd,
    env: { ...spec.env },
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'pipe', file, 'ipc'],
  })
  closeSync(file)
  let alive = true
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit) => {
      alive = false
      resolve(exit)
    }
    child.on('exit', (code, signal) => end({ code, signal }))
    child.on('error', () => child.pid === undefined && end({ code: null, signal: null }))
  })
  return {
    pid: child.pid ?? 0,
    ready: readyLine(child),
    exited,
    running: () => alive,
    async stop(limitMs, clock) {
      if (alive) child.kill('SIGTERM')
      if (await waitUntil(() => !alive, limitMs, clock)) return
      child.kill('SIGKILL')
      await waitUntil(() => !alive, KILL_WAIT_MS, clock)
    },
  }
}

function readyLine(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve) => {
    let pending = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n')
      pending = (lines.pop() ?? '').slice(-LONGEST_LINE)
      for (const line of lines) {
        const facts = parseReady(line)
        if (facts) resolve(facts)
      }
    })
  })
}

function parseReady(line: string): Record<string, unknown> | undefined {
  try {
    const facts = JSON.parse(line) as Record<string, unknown> | null
    return facts?.['ready'] === true ? facts : undefined
  } catch {
    return undefined
  }
}
