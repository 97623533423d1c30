import { closeSync, copyFileSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

/** Programs write their log straight into a file, so that a busy or frozen supervisor never holds them up. */
export const LOG_LIMIT_BYTES = 10 * 1024 * 1024
const OLD_FILES = 3
const TAIL_BYTES = 16 * 1024

export function logPath(dataDir: string, program: string): string {
  return join(dataDir, 'logs', `${program}.log`)
}

/** Opened for appending: after the file is cut, the next line lands at its new end. */
export function openLog(path: string): number {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o750 })
  return openSync(path, 'a', 0o640)
}

/**
 * Moves a log that has grown too large aside: `.1` is the newest old one. The program keeps its open file, so the content
 * is copied and the file cut; lines written in the instant between the two are lost.
 */
export function rotateIfLarge(path: string, limitBytes = LOG_LIMIT_BYTES): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < limitBytes) return false
  for (let n = OLD_FILES - 1; n >= 1; n--) if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`)
  copyFileSync(path, `${path}.1`)
  truncateSync(path, 0)
  return true
}

/** The end of a log from this byte on, for telling why its program ended. */
export function readTail(path: string, from = 0): string {
  if (!existsSync(path)) return ''
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    // A log that was cut meanwhile is shorter than the mark: then all of it is new.
    const buffer = Buffer.alloc(Math.min(from <= size ? size - from : size, TAIL_BYTES))
    readSync(file, buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8')
  } finally {
    closeSync(file)
  }
}

/** pino: 50 is error, 60 fatal. */
const ERROR_LEVEL = 50

/**
 * The last sentence in which a program said what is wrong: the newest error line of its log, otherwise whatever Node
 * printed last. Undefined when it went without a word (a kill).
 */
export function lastComplaint(tail: string): string | undefined {
  const lines = tail.split('\n').filter((line) => line.trim() !== '').reverse()
  for (const line of lines) {
    const entry = parse(line)
    if (entry && Number(entry['level']) >= ERROR_LEVEL) return sentenceOf(entry)
    // Not ours: what Node prints when a program falls, where the line that names the error is above its stack.
    if (!entry) return (lines.find((text) => /^\w*Error\b.*:/.test(text)) ?? line).trim()
  }
  return undefined
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** Size now, to read later only what was added. */
export function logMark(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function sentenceOf(entry: Record<string, unknown>): string {
  const event = typeof entry['event'] === 'string' ? entry['event'] : ''
  const cause = (entry['err'] as { message?: string } | undefined)?.message
  return cause === undefined ? event : `${event}: ${cause}`
}
