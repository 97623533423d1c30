import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Farewell } from './spool-store.ts'

/** What a spool file's neighbour remembers, for the day the file cannot be read or is gone. */
export interface EpochMark {
  readonly epoch: string
  /** Everything up to here is proven stored. */
  readonly upto: number
  /** No number above this was given. */
  readonly reserved: number
}

export const markPath = (path: string): string => `${path}.mark`

// Always the same length and within one sector: written over in place it is the old one or the new one, and needs no room on a full disk.
const TEXT_LENGTH = 120

/** Remembers it beside the spool. Not being able to costs only the report of a loss, so it never fails. */
export function writeMark(path: string, mark: EpochMark): void {
  try {
    const text = JSON.stringify(mark)
    const file = openSync(markPath(path), existsSync(markPath(path)) ? 'r+' : 'w', 0o600)
    try {
      writeSync(file, `${crc32(text).toString(16).padStart(8, '0')} ${text}`.padEnd(TEXT_LENGTH), 0)
      fdatasyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch {
    // A full disk, or one that has become read-only: the spool itself says so.
  }
}

/** `undefined` when there is none that holds together. */
export function readMark(path: string): EpochMark | undefined {
  try {
    const [, sum = '', text = ''] = /^([0-9a-f]{8}) (.*\})/.exec(readFileSync(markPath(path), 'utf8')) ?? []
    return crc32(text) === Number.parseInt(sum, 16) ? (JSON.parse(text) as EpochMark) : undefined
  } catch {
    return undefined
  }
}

/** The loss of everything the server has not confirmed, as far as the mark knows. */
export function farewellOf({ epoch, upto, reserved }: EpochMark): Farewell | undefined {
  return reserved > upto ? { epoch, next: reserved + 1, gaps: [[upto + 1, reserved]] } : undefined
}
