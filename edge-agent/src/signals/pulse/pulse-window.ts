import { findPeriodicity, type Periodicity } from '../maths/autocorrelation.ts'
import { beatLikeness } from './beat-likeness.ts'
import { type BeatSeries, describeBeats } from './beat-series.ts'
import { createPeakFinder } from '../maths/multiscale-peaks.ts'
import { riseInterval, secondPulse } from './hidden-pulses.ts'
import { deviation, median, parabolaOffset, quantile } from '../maths/statistics.ts'

/** What a window of band-passed pulse wave says. Positions are samples from its start, between whole samples. */
export interface PulseWindow {
  readonly rhythm: Periodicity | undefined
  readonly peaks: BeatSeries
  readonly onsets: BeatSeries
  /** The more regular of the two. */
  readonly beats: BeatSeries
  readonly peakLikeness: number
  readonly onsetLikeness: number
  /** Loudest two seconds over the median two seconds. */
  readonly unevenness: number
  /** Furthest excursion over the usual beat, mean of both sides. */
  readonly excursion: number
  /** Steepest slope of the newest second over the usual steepest: sees a disturbance as it begins. */
  readonly onrush: number
  /** Of a second pulse inside an interval of so many samples: its height over the height of the beat, and when it comes. Valid until the next analysis. */
  readonly secondPulse: (interval: number) => ReturnType<typeof secondPulse>
  /** Mean distance of all its rises, whatever their place; samples. */
  readonly riseInterval: number | undefined
  /** Samples in the window. */
  readonly length: number
  /** Standard deviation, in the unit of the signal. */
  readonly amplitude: number
}

/** Rates the product answers for. */
export const SLOWEST_PER_MIN = 35
export const FASTEST_PER_MIN = 220

const UNEVEN_STRETCH_S = 2
// Of a pulse wave's standard deviation; the wave after the incisura rises less.
const RISE_OF_DEVIATION = 0.5
const NEWEST_S = 1
// The systolic upstroke is the steepest few per cent of every beat.
const USUAL_STEEPEST = 0.97

export interface PulseAnalysisOptions {
  readonly hz: number
  /** Longest window in samples. */
  readonly maxLength: number
}

/** Makes the analysis of windows up to `maxLength`; its buffers are used again every time. */
export function createPulseAnalysis({ hz, maxLength }: PulseAnalysisOptions): (y: Float64Array) => PulseWindow {
  const maxLag = (60 * hz) / SLOWEST_PER_MIN
  const minLag = (60 * hz) / FASTEST_PER_MIN
  // Half the slowest period is the widest scale at which a beat still stands alone.
  const finder = createPeakFinder({ maxLength, maxScale: Math.ceil(maxLag / 2) })
  const lags = new Float64Array(Math.ceil(maxLag) + 3)
  const slopes = new Float64Array(maxLength)
  const templates = new Float64Array(Math.ceil(4 * maxLag))

  return (y) => {
    const { maxima, minima } = finder.find(y)
    const peaks = describeBeats(betweenSamples(y, maxima))
    const onsets = describeBeats(betweenSamples(y, minima))
    const amplitude = deviation(y)
    return {
      rhythm: findPeriodicity(y, minLag, maxLag, lags),
      peaks,
      onsets,
      beats: peaks.irregularity <= onsets.irregularity ? peaks : onsets,
      peakLikeness: beatLikeness(y, peaks.at, templates),
      onsetLikeness: beatLikeness(y, onsets.at, templates),
      unevenness: unevenness(y, UNEVEN_STRETCH_S * hz),
      excursion: (excursion(y, peaks.at, 1) + excursion(y, onsets.at, -1)) / 2,
      onrush: onrush(y, NEWEST_S * hz, slopes),
      secondPulse: (interval) => secondPulse(y, peaks.at, interval, templates),
      riseInterval: riseInterval(y, RISE_OF_DEVIATION * amplitude),
      length: y.length,
      amplitude,
    }
  }
}

function betweenSamples(y: Float64Array, at: readonly number[]): number[] {
  return at.map((i) => i + parabolaOffset(y[i - 1] as number, y[i] as number, y[i + 1] as number))
}

function unevenness(y: Float64Array, stretch: number): number {
  const loudness: number[] = []
  for (let to = y.length; to >= stretch; to -= stretch) loudness.push(deviation(y, to - stretch, to))
  const usual = median(loudness)
  return usual > 0 ? Math.max(...loudness) / usual : 1
}

function excursion(y: Float64Array, beats: readonly number[], sign: 1 | -1): number {
  const usual = median(beats.map((b) => sign * (y[Math.round(b)] as number)))
  let furthest = 0
  for (const v of y) furthest = Math.max(furthest, sign * v)
  return usual > 0 ? furthest / usual : 1
}

function onrush(y: Float64Array, newest: number, slopes: Float64Array): number {
  const known = y.length - newest
  if (known < newest) return 1
  for (let i = 1; i < y.length; i += 1) slopes[i - 1] = Math.abs((y[i] as number) - (y[i - 1] as number))
  let steepest = 0
  for (let i = known; i < y.length; i += 1) steepest = Math.max(steepest, slopes[i - 1] as number)
  const usual = quantile(slopes.subarray(0, known - 1), USUAL_STEEPEST)
  return usual > 0 ? steepest / usual : 1
}
