/** Inclusive range of sequence numbers, `[from, to]`, `1 <= from <= to`. */
export type Range = readonly [from: number, to: number]

/** Sorted, disjoint, non-adjacent ranges covering exactly what the input covers. */
export function normaliseRanges(ranges: Iterable<Range>): Range[] {
  const sorted = [...ranges].filter(([from, to]) => from <= to).sort((a, b) => a[0] - b[0])
  const out: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = out.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  return out
}

/** Ranges that cover the given numbers, whatever their order. */
export function rangesOf(numbers: Iterable<number>): Range[] {
  return normaliseRanges([...numbers].map((n): Range => [n, n]))
}

export function unionRanges(a: readonly Range[], b: readonly Range[]): Range[] {
  return normaliseRanges([...a, ...b])
}

/** What of `wanted` is not in `have`; both normalised. */
export function subtractRanges(wanted: readonly Range[], have: readonly Range[]): Range[] {
  const out: Range[] = []
  // No range of `have` before this one reaches what is wanted next: both are in order, so each is passed once.
  let start = 0
  for (const [from, to] of wanted) {
    let next = from
    while (start < have.length && (have[start] as Range)[1] < from) start++
    for (let i = start; i < have.length; i++) {
      const [a, b] = have[i] as Range
      if (a > to) break
      if (a > next) out.push([next, a - 1])
      next = b + 1
    }
    if (next <= to) out.push([next, to])
  }
  return out
}

/** Whether `n` is in normalised `ranges`; binary search, O(log n). */
export function rangesContain(ranges: readonly Range[], n: number): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [from, to] = ranges[middle] as Range
    if (n < from) high = middle - 1
    else if (n > to) low = middle + 1
    else return true
  }
  return false
}

/** How many numbers the ranges cover. */
export function countRanges(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)
}

/** The last number of the unbroken run from 1, or 0: what a receipt calls `upto`. */
export function contiguousUpto(ranges: readonly Range[]): number {
  const first = ranges[0]
  return first && first[0] === 1 ? first[1] : 0
}
