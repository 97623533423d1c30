import { createBeatModulation, type ModulatedBeat, type PulseSegment } from '../pulse/beat-modulation.ts'
import { createBreathCount } from './breath-count.ts'
import { absence, type Estimate } from '../maths/estimate.ts'
import { deviation, mean, weightedMedian } from '../maths/statistics.ts'

/**
 * Breathing rate from the pulse wave: breathing bends the depth, the baseline and the rhythm of the beats. Three counts over the last
 * 32 s, the middle one by weight, averaged over the last 20 s. A guess beside a real breathing signal, and ranked below it.
 */
export interface BreathingFromPulse {
  /** @param segment the pulse of the newest window, when it is steady enough to read beats from */
  update(segment: PulseSegment | undefined, nowS: number): Estimate
  reset(): void
}

const WINDOW_S = 32
const RESAMPLED_HZ = 4
const LEAST_COVERED_S = 24
const LONGEST_GAP_S = 6
const GUARD_S = 1
const AVERAGED_S = 20
// Counts that differ by more than this mean that the three do not see the same breathing.
const QUALITY_SPREAD = 6

const modulations = ['depth', 'baseline', 'interval'] as const
/**
 * Less than this is rounding and the noise of a still pulse, not breath: standard deviations, those of depth and baseline as shares of the mean depth,
 * that of the interval in seconds. The least seen in six people breathing quietly were 0.047, 0.19 and 0.0065.
 */
const LEAST = { depth: 0.03, baseline: 0.1, interval: 0.004 } as const

export function createBreathingFromPulse(): BreathingFromPulse {
  const beats = createBeatModulation()
  const count = createBreathCount({ hz: RESAMPLED_HZ, maxLength: WINDOW_S * RESAMPLED_HZ + 1 })
  const wave = new Float64Array(WINDOW_S * RESAMPLED_HZ + 1)
  let recent: { readonly atS: number; readonly perMinute: number }[] = []

  return {
    update(segment, nowS) {
      if (segment) beats.take(segment)
      // By their age and not by their number: after a while without an answer none of before is left.
      recent = recent.filter(({ atS }) => atS > nowS - AVERAGED_S)
      const to = nowS - GUARD_S
      const known = lastUnbroken(beats.since(to - WINDOW_S - 2), to)
      const covered = known.length < 2 ? 0 : to - Math.max(to - WINDOW_S, (known[0] as ModulatedBeat).t)
      if (covered < LEAST_COVERED_S) {
        recent = []
        return absence(nowS < WINDOW_S + LEAST_COVERED_S ? 'warmup' : 'no-lock')
      }
      const counted = modulations.filter((name) => isBent(known, name)).flatMap((name) => count.count(evenly(known, name, to, wave)) ?? [])
      if (counted.length < 2) return absence('no-lock')
      const counts = counted.map(({ perMinute }) => perMinute)
      recent.push({ atS: nowS, perMinute: weightedMedian(counts, counted.map(({ weight }) => weight)) })
      return { value: mean(recent.map(({ perMinute }) => perMinute)), sq: Math.round(100 * Math.max(0, 1 - deviation(counts) / QUALITY_SPREAD)) }
    },
    reset() {
      beats.reset()
      recent = []
    },
  }
}

function isBent(beats: readonly ModulatedBeat[], name: (typeof modulations)[number]): boolean {
  const unit = name === 'interval' ? 1 : Math.abs(mean(beats.map(({ depth }) => depth)))
  return deviation(beats.map((beat) => beat[name])) >= LEAST[name] * unit
}

function lastUnbroken(beats: readonly ModulatedBeat[], to: number): readonly ModulatedBeat[] {
  let from = beats.length
  let next = to
  while (from > 0 && next - (beats[from - 1] as ModulatedBeat).t <= LONGEST_GAP_S) {
    from -= 1
    next = (beats[from] as ModulatedBeat).t
  }
  return beats.slice(from).filter((b) => Number.isFinite(b.interval))
}

/** One modulation as an evenly sampled wave, straight lines between beats. */
function evenly(beats: readonly ModulatedBeat[], name: (typeof modulations)[number], to: number, wave: Float64Array): Float64Array {
  const start = Math.max(to - WINDOW_S, (beats[0] as ModulatedBeat).t)
  const end = Math.min(to, (beats[beats.length - 1] as ModulatedBeat).t)
  const n = Math.min(wave.length, Math.floor((end - start) * RESAMPLED_HZ) + 1)
  let j = 0
  for (let i = 0; i < n; i += 1) {
    const t = start + i / RESAMPLED_HZ
    while (j + 2 < beats.length && (beats[j + 1] as ModulatedBeat).t <= t) j += 1
    const a = beats[j] as ModulatedBeat
    const b = beats[j + 1] as ModulatedBeat
    wave[i] = a[name] + ((b[name] - a[name]) * (t - a.t)) / (b.t - a.t)
  }
  return wave.subarray(0, n)
}
