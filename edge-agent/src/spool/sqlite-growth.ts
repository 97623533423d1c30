import type { DatabaseSync } from 'node:sqlite'
import { freeBytes, isFull } from './sqlite-file.ts'

export interface Growth {
  /** A transaction begins. */
  begin(): void
  /** Lets the file grow by one step. False when it is at its limit or the disk has no room to spare. */
  grow(): boolean
  /** Once a transaction: takes back what the write-ahead log holds for nothing. False when there is nothing more to take back. */
  makeDo(): boolean
}

const STEP_BYTES = 256 * 1024
// Room left to the rest of the board.
const SPARE_BYTES = 16 * 1024 * 1024
// A disk that has no more than that from the start: some minutes of objects are worth more than its last megabyte.
const SMALLEST_BYTES = 2 * 1024 * 1024
const SPARE_FOR_SMALLEST_BYTES = 1024 * 1024

/**
 * Keeps the file below `limitBytes`, and from growing at all while the disk is nearly full. What it may use is taken from the disk at
 * once: a page that is committed to the write-ahead log but finds no room in the file would block the log for good, and with it
 * even deleting; whoever else fills the disk must not be able to bring that about.
 */
export function growth(db: DatabaseSync, path: string, limitBytes: number, spare: () => number = () => freeBytes(path)): Growth {
  const ask = (pragma: string): number => Number(Object.values(db.prepare(`pragma ${pragma}`).get() ?? {})[0])
  const pageBytes = ask('page_size')
  const limit = Math.floor(limitBytes / pageBytes)
  const step = Math.max(4, Math.floor(Math.min(STEP_BYTES, limitBytes / 4) / pageBytes))
  // What the file has on the disk, and so may use.
  let allowed = ask('page_count')
  let hasMadeDo = false

  const set = (pages: number): void => {
    // SQLite never goes below what the file has already, and answers what it took.
    allowed = ask(`max_page_count = ${pages}`)
  }
  set(allowed)
  const mayGrow = (): boolean => spare() >= (allowed * pageBytes < SMALLEST_BYTES ? SPARE_FOR_SMALLEST_BYTES : SPARE_BYTES)

  /** Fills every page the file may have and frees them again: from then on they are on the disk. */
  function take(): boolean {
    const free = allowed - ask('page_count') + ask('freelist_count')
    try {
      // A long value lies on pages of its own, each with four bytes that lead to the next.
      db.prepare(`insert or replace into meta values ('room', zeroblob(?))`).run(Math.max(1, free - 1) * (pageBytes - 4))
      db.exec(`pragma wal_checkpoint(restart); delete from meta where key = 'room'`)
      return true
    } catch (error) {
      if (!isFull(error)) throw error
      return false
    }
  }

  return {
    begin: () => {
      hasMadeDo = false
    },
    grow() {
      const before = allowed
      if (allowed >= limit || !mayGrow()) return false
      set(Math.min(limit, allowed + step))
      const taken = take()
      set(taken ? ask('page_count') : before)
      return allowed > before
    },
    makeDo() {
      if (hasMadeDo) return false
      hasMadeDo = true
      try {
        db.exec('pragma wal_checkpoint(restart)')
        return true
      } catch (error) {
        if (!isFull(error)) throw error
        return false
      }
    },
  }
}
