import { WAVE_GAP, type WaveFrame, type WaveRun } from '@vigil/contract'

/** Samples of one device in a row, as values; NaN for a sample that could not be had. */
export interface Run {
  readonly device: string
  readonly t: number
  readonly stepMs: number
  readonly values: readonly number[]
}

const US_PER_MS = 1_000
/** Clocks of boards tell whole milliseconds: a frame that begins within half a sample of where the last one ended goes on with it. */
const JOINS_WITHIN_STEPS = 0.5

/** The parts of the frames in `[fromMs, toMs)`, joined where one goes on where the last ended. Frames may come in any order, overlap or lack. */
export function runsOf(device: string, frames: Iterable<WaveFrame>, fromMs: number, toMs: number): Run[] {
  const runs: { device: string; t: number; stepMs: number; values: number[] }[] = []
  for (const frame of [...frames].sort((a, b) => a.t0Us - b.t0Us)) {
    const stepMs = 1_000 / frame.hz
    const t0 = frame.t0Us / US_PER_MS
    const last = runs.at(-1)
    const endMs = last ? last.t + last.values.length * last.stepMs : Number.NEGATIVE_INFINITY
    const goesOn = last?.stepMs === stepMs && Math.abs(t0 - endMs) <= JOINS_WITHIN_STEPS * stepMs
    // What overlaps (two bridges, a clock that was set back) is told once: the first that came begins, the next goes on behind it.
    const first = Math.max(0, Math.ceil((fromMs - t0) / stepMs), goesOn ? 0 : Math.ceil((endMs - t0) / stepMs - JOINS_WITHIN_STEPS))
    const end = Math.min(frame.samples.length, Math.ceil((toMs - t0) / stepMs))
    if (first >= end) continue
    const values = Array.from(frame.samples.subarray(first, end), (raw) => (raw === WAVE_GAP ? Number.NaN : tidy(frame.scale * raw + frame.offset)))
    if (last && goesOn && first === 0) last.values.push(...values)
    else runs.push({ device, t: t0 + first * stepMs, stepMs, values })
  }
  return runs
}

/** Seven figures are all that single precision knows. */
function tidy(value: number): number {
  return Number(value.toPrecision(7))
}

/** Times inside the range that no run covers. */
export function wavelessTimes(runs: readonly Run[], fromMs: number, toMs: number): [number, number][] {
  const gaps: [number, number][] = []
  let at = fromMs
  for (const { t, stepMs, values } of runs) {
    if (t - at > stepMs) gaps.push([at, t])
    at = Math.max(at, t + values.length * stepMs)
  }
  if (toMs - at > (runs.at(-1)?.stepMs ?? 0)) gaps.push([at, toMs])
  return gaps
}

export function countValues(runs: readonly Run[]): number {
  return runs.reduce((sum, { values }) => sum + values.length, 0)
}

export function toRaw({ values, ...run }: Run): WaveRun {
  return { ...run, values: values.map(orNull) }
}

/** Minimum and maximum of each `perStep` samples: what a screen of fewer pixels shows, no peak lost. */
export function toMinMax({ device, t, stepMs, values }: Run, perStep: number): WaveRun {
  const min: (number | null)[] = []
  const max: (number | null)[] = []
  for (let from = 0; from < values.length; from += perStep) {
    const there = values.slice(from, from + perStep).filter((value) => !Number.isNaN(value))
    min.push(there.length === 0 ? null : Math.min(...there))
    max.push(there.length === 0 ? null : Math.max(...there))
  }
  return { device, t, stepMs: stepMs * perStep, min, max }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
