import type { PulseWindow } from './pulse-window.ts'
import { median } from '../maths/statistics.ts'
import { WORKING_HZ } from './working-rate.ts'

// Autocorrelation and beats say the same rate.
const MIN_RHYTHM = 0.35
const RATE_AGREEMENT = 0.08
// Beats resemble each other.
const MIN_LIKENESS = 0.8
// Beats under noise, which only their agreement with the autocorrelation and a rate already known make believable.
const NOISY_LIKENESS = 0.6
// Peaks and onsets, found apart, say the same rate, and the intervals are even: noise does not do that.
const SERIES_AGREEMENT = 0.05
const EVEN_INTERVALS = 0.12
// Beats alike enough to be believed without autocorrelation, which a strong breathing arrhythmia smears.
const SURE_LIKENESS = 0.94
const ARRHYTHMIA = 0.25
// Rhythm strong enough to be believed without beats, near a rate already known.
const SURE_RHYTHM = 0.6
// Height of a second pulse inside the interval, over that of the beat. Seven recorded fingers stay below 0.06, under noise of 0.8 of the pulse nearly all below 0.2;
// a large wave after the incisura is an eighth, and comes sooner than LATE_S after systole.
const SURE_SECOND = 0.25
const PERHAPS_SECOND = 0.14
const PERHAPS_LATE = 0.08
const LATE_S = 0.46
// More rises than beats, where the beats are uneven and noise does not make rises of its own.
const QUIET_LIKENESS = 0.9
const MORE_RISES = 0.1

const MAX_UNEVENNESS = 1.6
const MAX_EXCURSION = 2.4
const MAX_ONRUSH = 2

/** True when no stretch of the window stands out: hands, cables and pressure changes do, hearts do not. */
export function isSteady({ unevenness, excursion, onrush }: PulseWindow): boolean {
  return unevenness <= MAX_UNEVENNESS && excursion <= MAX_EXCURSION && onrush <= MAX_ONRUSH
}

/** Beat interval in samples when the window can be believed. */
export function believedInterval(w: PulseWindow): number | undefined {
  const { interval, wholeInterval, irregularity } = w.beats
  if (interval === undefined || wholeInterval === undefined) return undefined
  const lag = confirmingLag(w, interval)
  if (lag !== undefined) {
    const alike = beatsLikeness(w) >= MIN_LIKENESS || (seriesAgree(w) && irregularity < EVEN_INTERVALS)
    // A missed beat bends the plain mean, a long pause the trimmed one, an uneven rhythm the autocorrelation: never two at once.
    return alike ? median([interval, wholeInterval, lag]) : undefined
  }
  return seriesAgree(w) && w.peakLikeness >= SURE_LIKENESS && irregularity < ARRHYTHMIA ? interval : undefined
}

/** Interval on which beats and autocorrelation agree though noise makes the beats unlike; only to be believed near a rate already known. */
export function agreedInterval(w: PulseWindow): number | undefined {
  const { interval } = w.beats
  const lag = interval === undefined ? undefined : confirmingLag(w, interval)
  if (interval === undefined || lag === undefined) return undefined
  return Math.max(w.peakLikeness, w.onsetLikeness) >= NOISY_LIKENESS ? (interval + lag) / 2 : undefined
}

/** Interval by autocorrelation alone; only to be believed near a rate already known. */
export function rhythmInterval({ rhythm }: PulseWindow): number | undefined {
  return rhythm && rhythm.strength >= SURE_RHYTHM ? rhythm.lag : undefined
}

/**
 * Whether pulses that reach the finger are left out by an interval: early beats, or every second beat of a heart that beats strongly and weakly by turns.
 * `surely`: the rate is too low, down to half. `perhaps`: it may be.
 */
export function leavesPulsesOut(w: PulseWindow, interval: number): 'no' | 'perhaps' | 'surely' {
  const { height, after } = w.secondPulse(interval)
  if (height >= SURE_SECOND) return 'surely'
  const uneven = w.beats.irregularity >= EVEN_INTERVALS && Math.max(w.peakLikeness, w.onsetLikeness) >= QUIET_LIKENESS
  return height >= (after > LATE_S * WORKING_HZ ? PERHAPS_LATE : PERHAPS_SECOND) || (uneven && w.riseInterval !== undefined && interval > (1 + MORE_RISES) * w.riseInterval) ? 'perhaps' : 'no'
}

/** Signal quality 0..100: rhythm, likeness and evenness in equal parts. */
export function qualityOf(w: PulseWindow): number {
  const rhythm = clamp((w.rhythm?.strength ?? 0) / 0.9)
  const likeness = clamp((Math.max(w.peakLikeness, w.onsetLikeness) - 0.5) / 0.45)
  const evenness = clamp(1 - w.beats.irregularity / ARRHYTHMIA)
  return Math.round((100 * (rhythm + likeness + evenness)) / 3)
}

const confirmingLag = ({ rhythm }: PulseWindow, interval: number): number | undefined =>
  rhythm && rhythm.strength >= MIN_RHYTHM && near(interval, rhythm.lag, RATE_AGREEMENT) ? rhythm.lag : undefined
const beatsLikeness = (w: PulseWindow): number => (w.beats === w.peaks ? w.peakLikeness : w.onsetLikeness)
const seriesAgree = ({ peaks, onsets }: PulseWindow): boolean => near(peaks.wholeInterval ?? 0, onsets.wholeInterval ?? 1, SERIES_AGREEMENT)
const near = (a: number, b: number, share: number): boolean => Math.abs(a / b - 1) <= share
const clamp = (v: number): number => Math.max(0, Math.min(1, v))
