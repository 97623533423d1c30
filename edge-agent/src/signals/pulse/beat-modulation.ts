import type { PulseWindow } from './pulse-window.ts'

/** One beat as breathing bends it: how deep its onset lies, how high its top stands on the baseline, how long since the last. */
export interface ModulatedBeat {
  /** Seconds since the first sample. */
  readonly t: number
  readonly depth: number
  readonly baseline: number
  readonly interval: number
}

export interface PulseSegment {
  readonly window: PulseWindow
  /** Band-passed pulse, the samples of the window. */
  readonly wave: Float64Array
  /** The same stretch with its baseline, low-passed only. */
  readonly light: Float64Array
  /** Stream position of the first sample. */
  readonly start: number
  readonly hz: number
}

/** Collects every beat once, with its modulations. */
export interface BeatModulation {
  take(segment: PulseSegment): void
  /** Beats of the last `seconds`, oldest first. */
  since(from: number): readonly ModulatedBeat[]
  reset(): void
}

const KEPT_S = 40
// Until the band-pass has forgotten where in a beat the finger was put on: about a hundredth of that is left by then.
const SETTLED_S = 2
const GUARD_S = 1
const REFRACTORY_S = 0.2
const LONGEST_RISE_S = 1.6
const FIRST_RISE_S = 0.8

export function createBeatModulation(): BeatModulation {
  let beats: ModulatedBeat[] = []
  let lastPeak: number | undefined

  return {
    take({ window, wave, light, start, hz }) {
      const newest = start + window.length - GUARD_S * hz
      for (const at of window.peaks.at) {
        const position = start + at
        if (position > newest || position < SETTLED_S * hz || (lastPeak !== undefined && position <= lastPeak + REFRACTORY_S * hz)) continue
        const peak = Math.round(at)
        const rise = lastPeak === undefined ? FIRST_RISE_S * hz : Math.min(position - lastPeak, LONGEST_RISE_S * hz)
        let lowest = wave[peak] as number
        for (let i = peak; i >= Math.max(0, peak - Math.round(rise)); i -= 1) lowest = Math.min(lowest, wave[i] as number)
        const interval = lastPeak === undefined ? Number.NaN : (position - lastPeak) / hz
        beats.push({ t: position / hz, depth: -lowest, baseline: light[peak] as number, interval })
        lastPeak = position
      }
      const oldest = (start + window.length) / hz - KEPT_S
      while (beats.length > 0 && (beats[0] as ModulatedBeat).t < oldest) beats.shift()
    },
    since: (from) => beats.filter((b) => b.t >= from),
    reset() {
      beats = []
      lastPeak = undefined
    },
  }
}
