import type { Waveforms } from '@vigil/contract/api/waveforms'
import { runEndMs, type TraceSource, type WaveRun } from '../ui/wave/trace.ts'
import { createHighPass, highPassHzOf } from './high-pass.ts'

type Told = Waveforms['runs'][number]

/** Curves out of the record, drawn by the same hand as live ones: by sample time, with the same filter, a break where samples are missing. */
export function recordedWave({ channel, runs }: Pick<Waveforms, 'channel' | 'runs'>): TraceSource {
  const cutHz = highPassHzOf(channel)
  const drawn = runs.map(runOf).filter(({ values }) => values.length > 0)
  for (const { values, stepMs } of drawn) if (cutHz !== undefined) createHighPass(cutHz).apply(values, stepMs, true)
  const last = drawn.at(-1)
  return { runs: drawn, headMs: last && runEndMs(last) }
}

/** Minimum and maximum of a step stand half a step apart: the line between them is what a screen of fewer pixels shows. */
function runOf({ t, stepMs, values, min = [], max = [] }: Told): WaveRun {
  if (values) return { startMs: t, stepMs, values: Float32Array.from(values, orNaN) }
  return { startMs: t, stepMs: stepMs / 2, values: Float32Array.from({ length: 2 * min.length }, (_, i) => orNaN((i % 2 === 0 ? min : max)[i >> 1] ?? null)) }
}

function orNaN(value: number | null): number {
  return value ?? Number.NaN
}
