import type { Receipt } from '@vigil/contract/messages/receipt'
import { type Range, contiguousUpto, countRanges, normaliseRanges, rangesContain, subtractRanges, unionRanges } from '@vigil/contract/ranges'
import type { SpoolRecord, SpoolStore } from './spool-store.ts'

/** Which numbers are proven stored, which are still here, and which were given up. */
export interface Numbers {
  covered(): readonly Range[]
  /** Last number of the unbroken run of receipts: what `online` says as `upto`. */
  upto(): number
  /** Numbers without a receipt that still are here, within `from..to`. */
  waiting(from: number, to: number): Range[]
  /**
   * Gaps to announce: unbroken runs of numbers without a receipt that are gone, with something no gap record tells. A whole run is
   * told again when it grows, so that one record says it all.
   */
  lost(): Range[]
  /** What receipts cover of what is still here. */
  proven(): Range[]
  /** Whether a gap record waits for its receipt. */
  isAnnouncing(): boolean
  /** How many objects wait for a receipt. */
  countWaiting(): number
  /** How many objects were given up before a receipt covered them. */
  countDropped(): number
  appended(first: number, count: number): void
  /** The gap record `seq` tells of `gap`. */
  announced(gap: Range, seq: number): void
  /**
   * Takes a receipt in. The first one after `online` replaces what earlier ones said: `online` tells the server only `upto`,
   * so it cannot know that its database also forgot numbers beyond. Answers whether anything became uncovered again.
   */
  receipt(receipt: Receipt, first: boolean): { uncovered: boolean }
  dropped(ranges: readonly Range[]): void
}

export function numbers(store: SpoolStore): Numbers {
  let covered = normaliseRanges(store.covered())
  let kept = normaliseRanges(store.kept())
  // Gap records by their own number: when one is dropped, what it said must be said again.
  const gapsBySeq = new Map<number, Range>(store.gaps().map((record) => [record.seq, gapOf(record)]))

  const given = (): Range[] => (store.lastSeq() > 0 ? [[1, store.lastSeq()]] : [])
  const uncovered = (): Range[] => subtractRanges(given(), covered)
  const goneUncovered = (): Range[] => subtractRanges(uncovered(), kept)

  return {
    covered: () => covered,
    upto: () => contiguousUpto(covered),
    waiting: (from, to) => (from > to ? [] : subtractRanges([[from, to]], subtractRanges([[from, to]], subtractRanges(kept, covered)))),
    lost() {
      const told = normaliseRanges(gapsBySeq.values())
      const gone = goneUncovered()
      const untold = subtractRanges(gone, told)
      return gone.filter(([from, to]) => untold.some(([first]) => first >= from && first <= to))
    },
    proven: () => subtractRanges(kept, subtractRanges(kept, covered)),
    isAnnouncing: () => [...gapsBySeq.keys()].some((seq) => !rangesContain(covered, seq)),
    countWaiting: () => countRanges(subtractRanges(kept, covered)),
    countDropped: () => countRanges(unionRanges(goneUncovered(), [...gapsBySeq.values()])) + store.lostBefore(),
    appended(first, count) {
      kept = unionRanges(kept, [[first, first + count - 1]])
    },
    announced(gap, seq) {
      gapsBySeq.set(seq, gap)
    },
    receipt({ upto, have = [], rewind: asked }, first) {
      const before = covered
      const rewind = asked ?? wentBack({ upto, have }, before)
      const remaining = first ? [] : rewind === undefined ? covered : clipBelow(covered, rewind)
      const said: Range[] = upto > 0 ? [[1, upto]] : []
      covered = unionRanges(remaining, [...(rewind === undefined ? said : clipBelow(said, rewind)), ...have])
      return { uncovered: subtractRanges(before, covered).length > 0 }
    },
    dropped(ranges) {
      kept = subtractRanges(kept, ranges)
      for (const [from, to] of ranges) for (const seq of gapsBySeq.keys()) if (seq >= from && seq <= to) gapsBySeq.delete(seq)
    },
  }
}

/**
 * From which number on a database that went back has forgotten, if a receipt shows it: it tells something new and yet ends before
 * what earlier ones told, so it is not an old one. The bridge that had promised the rest may be gone, and asks for no rewind then.
 */
function wentBack({ upto, have = [] }: Pick<Receipt, 'upto' | 'have'>, before: readonly Range[]): number | undefined {
  const tellsNew = subtractRanges(normaliseRanges(have), before).length > 0
  return tellsNew && upto < contiguousUpto(before) ? upto + 1 : undefined
}

/** What of the ranges lies below `seq`. */
function clipBelow(ranges: readonly Range[], seq: number): Range[] {
  return normaliseRanges(ranges.filter(([from]) => from < seq).map(([from, to]): Range => [from, Math.min(to, seq - 1)]))
}

function gapOf(record: SpoolRecord): Range {
  const { gap } = JSON.parse(record.body) as { gap: Range }
  return gap
}
