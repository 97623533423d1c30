import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'

/**
 * Room for what a start needs on the disk (write-ahead log and its index), kept while there is some: an agent that ended in order has
 * given its log back, and could not begin again on a card that somebody else has filled meanwhile.
 */
const BALLAST_BYTES = 768 * 1024
/** Laid up only where it takes no room from anybody. */
const SPARE_BYTES = 32 * 1024 * 1024

export const ballastPath = (path: string): string => `${path}.ballast`

/** Lays the ballast up beside the spool, when there is room and it is not there. */
export function layUpBallast(path: string, spareBytes: number): void {
  if (spareBytes < SPARE_BYTES || existsSync(ballastPath(path))) return
  try {
    const file = openSync(ballastPath(path), 'wx', 0o600)
    try {
      writeSync(file, Buffer.alloc(BALLAST_BYTES, 1))
    } finally {
      closeSync(file)
    }
  } catch {
    // Then there is none: it is a precaution, and the spool is what matters.
  }
}

/** Gives the room to the spool. False when there was none to give. */
export function dropBallast(path: string): boolean {
  if (!existsSync(ballastPath(path))) return false
  rmSync(ballastPath(path), { force: true })
  return true
}
