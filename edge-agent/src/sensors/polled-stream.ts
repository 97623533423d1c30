import type { BlockReading, Channel, Gap, GapCause } from './reading.ts'

/** A stream of a chip that has no FIFO: one sample each time it is read, dated by when it was taken. */
export interface PolledStream {
  readonly channel: Channel
  /** The sample as a block of one, with the gap before it. */
  block(value: number, t0Ms: number): BlockReading
  /** Why the next block will not continue the last one. */
  breakOff(why: GapCause): void
}

/** One reading missed by a busy board is bridged without harm: breathing is far slower. */
const MISSED_IS_GAP = 2

export function createPolledStream(channel: Channel, hz: number): PolledStream {
  let lastMs: number | undefined
  let brokenBy: GapCause = 'late'

  const gapBefore = (t0Ms: number): Gap | undefined => {
    if (lastMs === undefined) return undefined
    const lost = Math.max(0, Math.round(((t0Ms - lastMs) * hz) / 1_000) - 1)
    return lost >= MISSED_IS_GAP || brokenBy !== 'late' ? { why: brokenBy, lost } : undefined
  }
  return {
    channel,
    block(value, t0Ms) {
      const gap = gapBefore(t0Ms)
      lastMs = t0Ms
      brokenBy = 'late'
      return { kind: 'block', channel, hz, t0Ms, values: Float32Array.of(value), ...(gap && { gap }) }
    },
    breakOff(why) {
      brokenBy = why
    },
  }
}
