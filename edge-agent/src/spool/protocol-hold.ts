import type { Numbers } from './protocol-numbers.ts'
import { isUndated, type PackingOptions } from './protocol-packing.ts'
import type { SpoolOptions } from './protocol-ports.ts'

/** Until when what waits must not go; `undefined` once it may. */
export type HeldUntil = (nowMs: number) => number | undefined

/** What was measured a moment ago is dated well enough by any clock; live values are never held. */
const OLD_MS = 60_000

/**
 * A board that was offline with a clock nobody has confirmed must not send its days under wrong dates: the server would keep the first it hears. So after
 * a reconnect what waits is held until the server has said its time, or so long that it will not say any.
 */
export function heldUntil({ store, clock }: Pick<SpoolOptions, 'store' | 'clock'>, numbers: Numbers, packing: PackingOptions, untilMs: number): HeldUntil {
  const oldest = numbers.waiting(1, store.lastSeq())[0]?.[0]
  const [record] = oldest === undefined ? [] : store.read({ from: oldest, to: oldest, limit: 1 })
  const up = record && Number(/^\{"up":(\d+)/.exec(record.body)?.[1] ?? Number.NaN)
  if (!record || up === undefined || (record.boot === store.boot && !(clock.monotonic() - up > OLD_MS))) return () => undefined
  let over = false
  return (nowMs) => {
    over ||= nowMs >= untilMs || !isUndated(record, packing)
    return over ? undefined : untilMs
  }
}
