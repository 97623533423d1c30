import { type DatabaseSync } from 'node:sqlite'
import { freeBytes } from './sqlite-file.ts'

export interface Growth {
  /** Lets the file grow by one step. False when it is at its limit or the disk has no room to spare. */
  grow(): boolean
}

const STEP_BYTES = 1024 * 1024
// Room left to the rest of the board. Growing only well before the disk is full matters: pages that are committed to the
// write-ahead log but cannot be copied into the file would block the log for good, and with it even deleting.
const SPARE_BYTES = 16 * 1024 * 1024

/** Keeps the file below `limitBytes`, and from growing at all while the disk is nearly full. */
export function growth(db: DatabaseSync, path: string, limitBytes: number, spare: () => number = () => freeBytes(path)): Growth {
  const pageBytes = Number(Object.values(db.prepare('pragma page_size').get() ?? {})[0])
  const limit = Math.floor(limitBytes / pageBytes)
  const step = Math.max(1, Math.floor(Math.min(STEP_BYTES, limitBytes / 4) / pageBytes))
  let allowed = Number(Object.values(db.prepare('pragma page_count').get() ?? {})[0])

  const set = (pages: number): void => {
    // SQLite never goes below what the file has already, and answers what it took.
    allowed = Number(Object.values(db.prepare(`pragma max_page_count = ${pages}`).get() ?? {})[0])
  }
  set(allowed)
  return {
    grow() {
      if (allowed >= limit || spare() < SPARE_BYTES) return false
      set(Math.min(limit, allowed + step))
      return true
    },
  }
}
