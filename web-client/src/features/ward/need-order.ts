import type { Alarm } from '@vigil/contract/api/alarms'
import { byNeed } from '../../alarms/alarm-order.ts'

/** What tells how much a bed wants somebody. */
export interface BedNeed {
  /** Whether somebody lies there. */
  readonly occupied: boolean
  /** Of its open alarms the most urgent. */
  readonly urgent: Alarm | undefined
  /** NEWS2, as far as it is known. */
  readonly score: number
}

/** Places of beds, those that want somebody first: by their most urgent alarm, then by score, then as they stand in the ward. Empty ones come last. */
export function needOrder(beds: readonly BedNeed[]): number[] {
  return beds.map((bed, place) => ({ ...bed, place })).sort((a, b) => compared(a, b) || a.place - b.place).map(({ place }) => place)
}

function compared(a: BedNeed, b: BedNeed): number {
  if (a.occupied !== b.occupied) return a.occupied ? -1 : 1
  if (a.urgent && b.urgent) return byNeed(a.urgent, b.urgent)
  if (a.urgent ?? b.urgent) return a.urgent ? -1 : 1
  return b.score - a.score
}
