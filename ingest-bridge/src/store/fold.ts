import { contiguousUpto, normaliseRanges, type Range, subtractRanges, unionRanges } from '@vigil/contract'

/**
 * What is known of one epoch's numbers, in two parts, so that the row every batch rewrites stays small however many holes the sequence has.
 * The head holds the numbers from `folded` on. Those below stand in pages: each holds the numbers from its `from` up to the next page's, or up
 * to `folded` for the last. `got` of head and pages together is exactly what is committed.
 */
export interface Head {
  readonly got: readonly Range[]
  /** Given up by the device. A gap that reaches over several pages stays here, below `folded` too. */
  readonly lost: readonly Range[]
  /** 0: nothing is folded. */
  readonly folded: number
  /** Every number up to this is committed or given up. Kept only for what is folded. */
  readonly upto: number
}

export interface Page {
  readonly from: number
  readonly got: readonly Range[]
  readonly lost: readonly Range[]
}

export interface FoldLimits {
  /** Ranges a head or a page may have. */
  readonly most: number
}

/** A receipt names at most 256 ranges; a head of this size is some 16 KB, before compression. */
export const FOLD_LIMITS: FoldLimits = { most: 1_024 }

/** A head that grew too long, made short: its older ranges as pages. `undefined` when it is short enough. */
export function foldHead(head: Head, { most }: FoldLimits = FOLD_LIMITS): { head: Head; pages: readonly Page[] } | undefined {
  const starts = startsOf(head).filter((start) => start >= head.folded)
  if (starts.length <= most) return undefined
  const half = Math.max(1, most >> 1)
  const cut = starts[starts.length - half] as number
  const from = Math.max(1, head.folded)
  const moved = part(head, from, cut - 1)
  return {
    head: {
      got: within(head.got, cut, Infinity),
      // What was below the pages' end before stays where it is: it reaches over several of them.
      lost: [...within(head.lost, 1, from - 1), ...within(head.lost, cut, Infinity)],
      folded: cut,
      upto: contiguousUpto(coveredBy(head)),
    },
    pages: cutPage({ from, ...moved }, half),
  }
}

/** A page with more numbers, cut in two when it grew too long. */
export function addToPage(page: Page, got: readonly Range[], lost: readonly Range[], { most }: FoldLimits = FOLD_LIMITS): readonly Page[] {
  const all = unionRanges(page.got, got)
  const grown = { from: page.from, got: all, lost: subtractRanges(unionRanges(page.lost, lost), all) }
  return startsOf(grown).length > most ? cutPage(grown, Math.max(1, most >> 1)) : [grown]
}

/** What the head alone tells to be committed or given up. */
export function coveredBy({ got, lost, upto }: Omit<Head, 'folded'>): readonly Range[] {
  if (upto === 0 && lost.length === 0) return got
  return normaliseRanges([...(upto > 0 ? [[1, upto] as const] : []), ...got, ...lost])
}

/** How far everything is settled, going on from `upto` through a page that ends before `end`. */
export function settledThrough(upto: number, page: Page, end: number, headLost: readonly Range[]): number {
  const settled = normaliseRanges([...page.got, ...page.lost, ...headLost])
  const run = settled.find(([from, to]) => from <= upto + 1 && to > upto)
  return run ? Math.min(run[1], end - 1) : upto
}

/** The ranges as far as they lie between two numbers, both included. */
export function within(ranges: readonly Range[], from: number, to: number): Range[] {
  const found: Range[] = []
  for (const [a, b] of ranges) if (b >= from && a <= to) found.push([Math.max(a, from), Math.min(b, to)])
  return found
}

function cutPage(page: Page, each: number): Page[] {
  const starts = startsOf(page)
  const pages: Page[] = []
  for (let i = 0; i === 0 || i < starts.length; i += each) {
    const from = i === 0 ? page.from : (starts[i] as number)
    const next = starts[i + each]
    pages.push({ from, ...part(page, from, next === undefined ? Infinity : next - 1) })
  }
  return pages
}

function part({ got, lost }: Pick<Head, 'got' | 'lost'>, from: number, to: number): { got: Range[]; lost: Range[] } {
  return { got: within(got, from, to), lost: within(lost, from, to) }
}

/** Where ranges begin, each number once, in order. */
function startsOf({ got, lost }: Pick<Head, 'got' | 'lost'>): number[] {
  return [...new Set([...got, ...lost].map(([from]) => from))].sort((a, b) => a - b)
}
