import type { BeatSeries } from './beat-series.ts'
import type { PulseWindow } from './pulse-window.ts'

/** Turns the beats of overlapping windows into one unbroken list, each beat once. */
export interface BeatStream {
  /**
   * Beats that have become certain, as stream positions in samples, ascending.
   * @param start stream position of the window's first sample
   * @param guard a beat closer to the newest sample than this, in samples, may still be overruled by what follows
   */
  take(window: PulseWindow, start: number, guard: number): number[]
  reset(): void
}

const SMOOTHING = 0.1
// The other kind of landmark has to be this much more regular, for a while, before the list changes over: a change moves every beat.
const CLEARLY_BETTER = 0.7
const WORTH_A_CHANGE = 0.02
const REFRACTORY_SHARE = 0.5

export function createBeatStream(): BeatStream {
  let last = Number.NEGATIVE_INFINITY
  let kind: 'peaks' | 'onsets' = 'peaks'
  let started = false
  const irregularity = { peaks: 1, onsets: 1 }

  const learn = (name: 'peaks' | 'onsets', { irregularity: now }: BeatSeries): void => {
    irregularity[name] += (started ? SMOOTHING : 1) * (Math.min(now, 1) - irregularity[name])
  }
  return {
    take(window, start, guard) {
      learn('peaks', window.peaks)
      learn('onsets', window.onsets)
      started = true
      const other = kind === 'peaks' ? 'onsets' : 'peaks'
      if (irregularity[other] < CLEARLY_BETTER * irregularity[kind] - WORTH_A_CHANGE) kind = other

      const series = window[kind]
      const end = start + window.length - guard
      const apart = REFRACTORY_SHARE * (series.wholeInterval ?? 0)
      const fresh: number[] = []
      for (const at of series.at) {
        const position = start + at
        if (position > end || position < last + apart || position <= last) continue
        fresh.push(position)
        last = position
      }
      return fresh
    },
    reset() {
      last = Number.NEGATIVE_INFINITY
      started = false
    },
  }
}
