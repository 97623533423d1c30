import { type WaveFrame, waveValues } from '@vigil/contract/messages/waveform'
import { runEndMs, type TraceSource, type WaveRun } from '../ui/wave/trace.ts'
import { createHighPass } from './high-pass.ts'

/** Longest trace kept per channel: the widest screen at the slowest sweep, with room to spare. */
const KEEP_MS = 120_000
/** A frame that starts this many sample intervals before the newest sample repeats what is known. */
const OVERLAP_SAMPLES = 1.5

/** Recent samples of one channel, by the time they were measured. */
export interface WaveBuffer extends TraceSource {
  push(frame: WaveFrame): void
}

/**
 * Late and repeated frames are left out: a trace only grows to the right. With `highPassHz` the slow wander under the wave is
 * removed as it comes in.
 */
export function createWaveBuffer({ highPassHz }: { readonly highPassHz?: number | undefined } = {}): WaveBuffer {
  const filter = highPassHz === undefined ? undefined : createHighPass(highPassHz)
  const runs: WaveRun[] = []
  let headMs: number | undefined

  return {
    runs,
    get headMs() {
      return headMs
    },
    push(frame) {
      const run: WaveRun = { startMs: frame.t0Us / 1_000, stepMs: 1_000 / frame.hz, values: waveValues(frame) }
      if (run.values.length === 0 || (headMs !== undefined && run.startMs < headMs - OVERLAP_SAMPLES * run.stepMs)) return
      const broken = headMs === undefined || run.startMs > headMs + OVERLAP_SAMPLES * run.stepMs
      filter?.apply(run.values, run.stepMs, broken)
      runs.push(run)
      headMs = runEndMs(run)
      while (runs[0] && runEndMs(runs[0]) < headMs - KEEP_MS) runs.shift()
    },
  }
}
