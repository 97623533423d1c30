import { contiguousUpto, type Range, subtractRanges } from '@vigil/contract/ranges'
import { readMark } from './epoch-mark.ts'
import type { Farewell } from './spool-store.ts'
import { openFile } from './sqlite-file.ts'
import { lastSeqOf, readMeta, readNumber, readRanges } from './sqlite-meta.ts'

/** What can still be read from a broken file: which numbers are gone with it. `undefined`: nothing, or nothing is gone. */
export function lastWords(path: string): Farewell | undefined {
  try {
    const db = openFile({ path, synchronous: 'full' })
    try {
      const epoch = readMeta(db, 'epoch')
      const covered = readRanges(db, 'covered')
      const mark = readMark(path)
      // The newest objects may be on the page that broke; under no number that was ever given may the loss be told.
      const last = Math.max(lastSeqOf(db), readNumber(db, 'reserved') || 0, covered.at(-1)?.[1] ?? 0, mark?.epoch === epoch ? (mark?.reserved ?? 0) : 0)
      const gaps: Range[] = last > 0 ? subtractRanges([[contiguousUpto(covered) + 1, last]], covered) : []
      return epoch === undefined || gaps.length === 0 ? undefined : { epoch, next: last + 1, gaps }
    } finally {
      db.close()
    }
  } catch {
    // The mark beside the file is what is left.
    return undefined
  }
}
