import type { Numbers } from './protocol-numbers.ts'
import type { PackingOptions } from './protocol-packing.ts'
import type { SpoolOptions } from './protocol-ports.ts'
import type { SpoolRecord, SpoolStore } from './spool-store.ts'

/** Until when what waits must not go; `undefined` once it may. */
export type HeldUntil = (nowMs: number) => number | undefined

/** What was measured a moment ago is dated well enough by any clock; live values are never held. */
const OLD_MS = 60_000

/**
 * A board that was offline with a clock nobody has confirmed must not send its days under wrong dates: the server would keep the first it hears. So after
 * a reconnect what waits is held until the server has said its time, or so long that it will not say any.
 */
export function heldUntil({ store, clock }: Pick<SpoolOptions, 'store' | 'clock'>, numbers: Numbers, { wallTimeAt }: PackingOptions, untilMs: number): HeldUntil {
  const isDated = (): boolean => wallTimeAt(clock.monotonic()) !== undefined
  const oldest = numbers.waiting(1, store.lastSeq())[0]?.[0]
  const [record] = oldest === undefined ? [] : store.read({ from: oldest, to: oldest, limit: 1 })
  if (!record || isDated() || !mayHideUndated(record, store, clock.monotonic())) return () => undefined
  let over = false
  return (nowMs) => {
    over ||= nowMs >= untilMs || isDated()
    return over ? undefined : untilMs
  }
}

/**
 * Whether the oldest object that waits, or one behind it, is old and may have no date. Of an earlier start that cannot be seen from this one alone: it may have its date,
 * and what was measured after it, without the server's time again, may not.
 */
function mayHideUndated({ boot, body }: SpoolRecord, store: SpoolStore, nowMs: number): boolean {
  const up = Number(/^\{"up":(\d+)/.exec(body)?.[1] ?? Number.NaN)
  return boot !== store.boot || nowMs - up > OLD_MS
}
