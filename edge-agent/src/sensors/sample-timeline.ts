/**
 * Gives times to samples that come out of a FIFO in bursts. The chip's own clock spaces them evenly; the host only knows when it
 * looked. So the timeline runs on at the nominal rate and is held between two facts: the newest sample is not in the future, and
 * it is at most one period old.
 */
export interface SampleTimeline {
  /** Places the next `count` samples, the newest of which was in the FIFO at `nowMs`. */
  place(count: number, nowMs: number): PlacedSamples
  /** The stream was interrupted: what follows is placed afresh. */
  interrupt(): void
}

export interface PlacedSamples {
  /** Time of the first sample. */
  readonly t0Ms: number
  /** Samples that should have come between the last block and this one, whether an interruption was noticed or not. */
  readonly lost: number
}

export function createSampleTimeline(hz: number): SampleTimeline {
  const periodMs = 1_000 / hz
  let lastMs: number | undefined
  let interrupted = true

  return {
    place(count, nowMs) {
      const spanMs = (count - 1) * periodMs
      // Afresh, the newest sample is half a period old on average.
      const afresh = nowMs - periodMs / 2
      const newestMs = lastMs === undefined || interrupted ? afresh : Math.min(nowMs, Math.max(nowMs - periodMs, lastMs + periodMs + spanMs))
      const t0Ms = newestMs - spanMs
      const lost = lastMs === undefined ? 0 : Math.max(0, Math.round((t0Ms - lastMs) / periodMs) - 1)
      lastMs = newestMs
      interrupted = false
      return { t0Ms, lost }
    },
    interrupt() {
      interrupted = true
    },
  }
}
