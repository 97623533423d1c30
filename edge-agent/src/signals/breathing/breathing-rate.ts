import { deviation, mean } from '../maths/statistics.ts'

/** Rate and regularity from breath onsets as they come. Times in seconds since the first sample. */
export interface BreathingRate {
  add(onset: number): void
  /** Breaths per minute over the last 30 s; nothing until two intervals are known. */
  at(now: number): { readonly rate: number; readonly irregularity: number } | undefined
  /** Seconds since the last onset; infinite before the first. */
  silence(now: number): number
  /** Whether a rate has been known since the last reset: before that, silence is only silence. */
  readonly wasBreathing: boolean
  reset(): void
}

const WINDOW_S = 30
const FIRST_ONSETS = 3

/** @param silentS how long somebody who was breathing had been silent when this began; nothing when nobody was */
export function createBreathingRate(silentS?: number): BreathingRate {
  let onsets: number[] = []
  let silentBefore = silentS ?? Number.POSITIVE_INFINITY
  let started = silentS !== undefined
  return {
    add(onset) {
      onsets.push(onset)
      if (onsets.length >= FIRST_ONSETS) started = true
      onsets = onsets.filter((t) => t > onset - 2 * WINDOW_S)
    },
    at(now) {
      const recent = onsets.filter((t) => t > now - WINDOW_S)
      if (!started || recent.length < 2) return undefined
      const first = recent[0] as number
      const last = recent[recent.length - 1] as number
      const intervals = recent.slice(1).map((t, i) => t - (recent[i] as number))
      return { rate: (60 * (recent.length - 1)) / (last - first), irregularity: deviation(intervals) / mean(intervals) }
    },
    silence(now) {
      const last = onsets[onsets.length - 1]
      return last === undefined ? silentBefore + now : now - last
    },
    get wasBreathing() {
      return started
    },
    reset() {
      onsets = []
      silentBefore = Number.POSITIVE_INFINITY
      started = false
    },
  }
}
