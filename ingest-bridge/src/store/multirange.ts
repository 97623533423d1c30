import type { Range } from '@vigil/contract'

/** Ranges as PostgreSQL's `int8multirange`: `{[1,813),[900,911)}`. */
export function formatMultirange(ranges: readonly Range[]): string {
  return `{${ranges.map(([from, to]) => `[${from},${to + 1})`).join(',')}}`
}

const RANGE = /\[(\d+),(\d+)\)/g
const NONE: Range[] = []

/** The inverse: PostgreSQL always answers sorted, disjoint, half-open ranges. */
export function parseMultirange(text: string): readonly Range[] {
  if (text === '{}') return NONE
  const ranges: Range[] = []
  for (const [, from, end] of text.matchAll(RANGE)) ranges.push([Number(from), Number(end) - 1])
  return ranges
}
