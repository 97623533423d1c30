import type { Receipt } from '@vigil/contract/messages/receipt'
import { normaliseRanges, rangesContain, unionRanges, type Range } from '@vigil/contract/ranges'
import type { ObjectTime } from './protocol-ports.ts'
import type { Farewell } from './spool-store.ts'

/** Losses told in one message; more than a broken store can have in practice. */
const MOST_GAPS = 500

/** What an earlier epoch lost, as gap objects numbered on under that epoch. */
export function farewellText({ epoch, next, gaps }: Farewell, time: ObjectTime): string {
  return JSON.stringify(gaps.slice(0, MOST_GAPS).map((gap, i) => ({ e: epoch, s: next + i, ...time, gap, why: 'corrupt' })))
}

/** Whether the server has confirmed that it knows. */
export function isFarewellHeard({ epoch, next, gaps }: Farewell, { e, upto, have = [] }: Receipt): boolean {
  const said: readonly Range[] = upto > 0 ? [[1, upto]] : []
  const known = unionRanges(said, normaliseRanges(have))
  const last = next + Math.min(gaps.length, MOST_GAPS) - 1
  return e === epoch && rangesContain(known, next) && rangesContain(known, last)
}
