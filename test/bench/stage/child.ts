import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { AppError } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import { until } from '@vigil/ops/testing'

/** A program that runs beside the benchmark. */
export interface Program {
  readonly pid: number
  /** The line it printed when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Processor time it has used, seconds. */
  cpuS(): number
  /** Memory it holds, bytes. */
  rssBytes(): number
  stop(): Promise<void>
}

export interface ProgramOptions {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Answers what the ready line tells, once what it printed so far holds one; by default a line of JSON with `ready`. */
  readonly ready?: (printed: string) => Readonly<Record<string, unknown>> | undefined
  readonly readyWithinMs?: number
}

const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 10_000
/** The kernel counts processor time in hundredths of a second (`getconf CLK_TCK`). */
const TICKS_PER_S = 100
const PAGE_BYTES = 4_096
const REMEMBERED = 20_000

const running = new Set<ChildProcess>()

/** Ends every program at once: the benchmark itself was told to end. */
export function endPrograms(): void {
  for (const child of running) child.kill('SIGTERM')
}

/** Starts a program and waits until it is ready; what it said is in the error when it never is. */
export async function startProgram({ name, command, env = {}, cwd, ready = readyLine, readyWithinMs = READY_WITHIN_MS }: ProgramOptions): Promise<Program> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let printed = ''
  let said = ''
  let hasClosed = false
  child.once('close', () => (hasClosed = true))
  child.on('error', (error) => (said += error.message))
  child.stdout.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-REMEMBERED)))
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-REMEMBERED)))
  const line = await until(`${name} is ready`, readyWithinMs, () => {
    const line = ready(printed + said)
    // A program that is done by the time it is looked at was ready all the same; only once its output is closed is all of it here.
    if (line === undefined && (hasClosed || child.pid === undefined)) throw new AppError('START_FAILED', `${name} ended with ${child.exitCode}: ${said}${printed}`)
    return line
  }).catch(async (error: unknown) => {
    await end(child)
    throw error
  })
  const pid = child.pid as number
  return { pid, ready: line, cpuS: () => cpuOf(pid), rssBytes: () => rssOf(pid), stop: () => end(child) }
}

function readyLine(printed: string): Record<string, unknown> | undefined {
  const line = printed.split('\n').find((text) => text.startsWith('{"ready":true') && text.endsWith('}'))
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  child.kill('SIGTERM')
  const giveUp = systemClock.after(STOP_WITHIN_MS, () => void child.kill('SIGKILL'))
  await ended
  giveUp()
}

/** Processor time of a server and all it has started, seconds; of those that have ended as well. */
export function familyCpuS(pid: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
  return ticksOf(pid, [11, 12, 13, 14]) + children.reduce((sum, child) => sum + ticksOf(Number(child), [11, 12]), 0)
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(statOf(Number(pid))[1])
  } catch {
    // It has ended.
    return undefined
  }
}

/** Processor time of a program so far, seconds. proc(5): fields 14 and 15 of `stat`, counted behind the name, which may hold anything. */
export function cpuOf(pid: number): number {
  return ticksOf(pid, [11, 12])
}

function ticksOf(pid: number, fields: readonly number[]): number {
  try {
    const stat = statOf(pid)
    return fields.reduce((sum, field) => sum + Number(stat[field]), 0) / TICKS_PER_S
  } catch {
    return 0
  }
}

function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function rssOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
}
