import type { AbsenceReason } from '@vigil/contract/quality'
import { bandPass, createCascade } from '../maths/biquad.ts'
import { createBeatStream } from './beat-stream.ts'
import type { Estimate } from '../maths/estimate.ts'
import { createPulseTrack, type PulseTrack } from './pulse-track.ts'
import { agreedInterval, believedInterval, isSteady, leavesPulsesOut, qualityOf, rhythmInterval } from './pulse-verdict.ts'
import { createPulseAnalysis, type PulseWindow } from './pulse-window.ts'
import { createSlidingWindow } from '../maths/sliding-window.ts'
import { WORKING_HZ } from './working-rate.ts'

export interface HeartRateEstimate extends Estimate {
  /** `beats`: mean beat interval; `both`: beats in noise and autocorrelation, near the rate of the last sure beats; `acf`: autocorrelation near it. */
  readonly source?: 'beats' | 'both' | 'acf'
  /** Age of the middle of what the value was measured from. */
  readonly latencyS: number
  /** Beats that have become certain since the last update, seconds since the first sample. */
  readonly beats: readonly number[]
  /** The analysed window, for measures built on the same beats. */
  readonly segment: PulseStretch | undefined
}

/** The band-passed stretch the estimate was made from; valid until the next push. */
export interface PulseStretch {
  readonly window: PulseWindow
  readonly wave: Float64Array
  /** Stream position of its first sample. */
  readonly start: number
}

/** Pulse rate from a pulse wave at the working rate; systole upwards. One `update` a second. */
export interface HeartRate {
  push(x: number): void
  /** @param rawOnrush of the samples before they were filtered: sees a disturbance earlier than the window does */
  update(rawOnrush?: number): HeartRateEstimate
  /** Nothing more follows: the beats that were held back because something might have. */
  finish(): readonly number[]
  reset(): void
}

type Verdict = Pick<HeartRateEstimate, 'value' | 'source' | 'absent' | 'question'>

const BAND_HZ = [0.5, 5] as const
const WINDOW_S = 10
// The first answer; before it the rhythm has been watched since WATCH_S.
const FIRST_ANSWER_S = 7.5
const WATCH_S = 6
// What the high-pass needs to settle, left out as soon as there is enough without it.
const SETTLE_S = 0.6
// Monitors average about this much; a jump of the heart is through in three seconds.
const SMOOTHING = 0.5
const SMOOTH_OVER_GAPS_S = 3
const BEAT_GUARD_S = 1
// At the end of a recording only the band-pass can still move a beat.
const LAST_BEAT_GUARD_S = 0.2
// Group delay of the band-pass in the middle of its band.
const BAND_PASS_DELAY_S = 0.04
const RHYTHM_NEAR_TRACK = 0.1
const BOTH_NEAR_TRACK = 0.08
// Over the usual steepest slope; systole stays below 1.5.
const MAX_RAW_ONRUSH = 2

const unproven = (atS: number): AbsenceReason => (atS < WINDOW_S ? 'warmup' : 'no-lock')

export function createHeartRate(): HeartRate {
  const filter = createCascade(bandPass(...BAND_HZ, WORKING_HZ))
  const wave = createSlidingWindow(WINDOW_S * WORKING_HZ)
  const analyse = createPulseAnalysis({ hz: WORKING_HZ, maxLength: WINDOW_S * WORKING_HZ })
  const track = createPulseTrack()
  const stream = createBeatStream()
  const { smooth, forget } = createSmoothing()

  const tell = (window: PulseWindow, interval: number, source: 'beats' | 'both' | 'acf', atS: number): Verdict => ({
    value: smooth(perMinute(interval), atS),
    source,
    ...(leavesPulsesOut(window, interval) !== 'no' && { question: 'low' }),
  })
  const judge = (window: PulseWindow, atS: number, rawOnrush: number): Verdict => {
    track.age(atS)
    if (!isSteady(window) || rawOnrush > MAX_RAW_ONRUSH) return { absent: 'motion' }
    const believed = believedInterval(window)
    if (believed !== undefined) {
      if (leavesPulsesOut(window, believed) === 'surely') return { absent: unproven(atS) }
      if (track.accept(perMinute(believed), window.amplitude, atS)) return tell(window, believed, 'beats', atS)
      return { absent: track.rate === undefined ? unproven(atS) : 'motion' }
    }
    // Neither proves a track, and only a strong rhythm keeps one alive: noise cannot lead it away.
    const both = nearTrack(track, window, agreedInterval(window), BOTH_NEAR_TRACK)
    if (both !== undefined) return tell(window, both, 'both', atS)
    const rhythm = nearTrack(track, window, rhythmInterval(window), RHYTHM_NEAR_TRACK)
    if (rhythm === undefined) return { absent: unproven(atS) }
    track.follow(perMinute(rhythm), atS)
    return tell(window, rhythm, 'acf', atS)
  }

  const look = (guardS: number) => {
    const view = wave.view(Math.min(WINDOW_S * WORKING_HZ, wave.count - SETTLE_S * WORKING_HZ))
    const window = analyse(view)
    const start = wave.count - view.length
    const beats = stream.take(window, start, guardS * WORKING_HZ).map((at) => at / WORKING_HZ - BAND_PASS_DELAY_S)
    return { view, window, start, beats }
  }

  return {
    push(x) {
      if (wave.count === 0) filter.settle(x)
      wave.push(filter.step(x))
    },
    update(rawOnrush = 1) {
      const seenS = wave.count / WORKING_HZ
      if (seenS < WATCH_S) return { absent: 'warmup', sq: 0, latencyS: 0, beats: [], segment: undefined }
      const { view, window, start, beats } = look(BEAT_GUARD_S)
      const verdict = judge(window, seenS, rawOnrush)
      const shown = seenS >= FIRST_ANSWER_S ? verdict : { absent: 'warmup' as const }
      return { ...shown, sq: 'value' in shown ? qualityOf(window) : 0, latencyS: view.length / WORKING_HZ / 2, beats, segment: { window, wave: view, start } }
    },
    finish: () => (wave.count < WATCH_S * WORKING_HZ ? [] : look(LAST_BEAT_GUARD_S).beats),
    reset() {
      wave.reset()
      track.reset()
      stream.reset()
      forget()
    },
  }
}

/** Answers that follow each other are averaged; after a gap the first stands for itself. */
function createSmoothing(): { readonly smooth: (rate: number, atS: number) => number; readonly forget: () => void } {
  let answer: { rate: number; atS: number } | undefined
  return {
    smooth: (rate, atS) => {
      const value = answer && atS - answer.atS <= SMOOTH_OVER_GAPS_S ? answer.rate + SMOOTHING * (rate - answer.rate) : rate
      answer = { rate: value, atS }
      return value
    },
    forget: () => {
      answer = undefined
    },
  }
}

const perMinute = (interval: number): number => (60 * WORKING_HZ) / interval

/** An interval in samples when it continues the track, at the usual amplitude. */
function nearTrack(track: PulseTrack, { amplitude }: PulseWindow, interval: number | undefined, share: number): number | undefined {
  if (interval === undefined || track.rate === undefined || !track.isUsualAmplitude(amplitude)) return undefined
  return Math.abs(perMinute(interval) / track.rate - 1) <= share ? interval : undefined
}
