import { AppError, type Clock, type WaveformQuery, type Waveforms, waveUnits } from '@vigil/contract'
import type { HistorySubject } from '../history/history.ts'
import { clip } from '../history/spans.ts'
import { assertForward, readTimeRange } from '../history/time-range.ts'
import { iso } from '../iso.ts'
import { countValues, type Run, runsOf, toMinMax, toRaw, wavelessTimes } from './wave-runs.ts'
import type { WaveStore } from './wave-store-pg.ts'

export interface WaveformService {
  /** @throws AppError INVALID_RANGE, DATABASE_AWAY */
  read(subject: HistorySubject, query: WaveformQuery): Promise<Waveforms>
}

const DEFAULT_POINTS = 10_000
const DEFAULT_RANGE_MS = 60_000
/** At 500 Hz some 1.8 million samples: more than that is not read into memory for one answer. */
const LONGEST_MS = 60 * 60_000

/** Stored waveforms of a device, or of a stay across the devices that watched it. */
export function createWaveforms({ store, clock }: { store: WaveStore; clock: Clock }): WaveformService {
  return {
    async read(subject, { channel, points = DEFAULT_POINTS, ...asked }) {
      const range = readTimeRange(asked)
      const toMs = range.toMs ?? clock.now()
      const fromMs = range.fromMs ?? toMs - DEFAULT_RANGE_MS
      assertForward(fromMs, toMs)
      if (toMs - fromMs > LONGEST_MS) throw new AppError('INVALID_RANGE', 'Waveforms are told for at most one hour at a time. Ask for a shorter range.')
      const spans = clip(subject.spans, fromMs, toMs)
      const runs: Run[] = []
      for (const span of spans) runs.push(...runsOf(span.deviceId, await store.frames(span, channel), span.fromMs, span.toMs))
      runs.sort((a, b) => a.t - b.t)
      const perStep = Math.ceil((2 * countValues(runs)) / points)
      const isRaw = countValues(runs) <= points
      return {
        from: iso(fromMs),
        to: iso(toMs),
        channel,
        unit: waveUnits[channel],
        resolution: isRaw ? 'raw' : 'minmax',
        runs: runs.map((run) => (isRaw ? toRaw(run) : toMinMax(run, perStep))),
        gaps: wavelessTimes(runs, Math.max(fromMs, subject.fromMs), Math.min(toMs, subject.toMs, clock.now())),
        devices: [...new Set(spans.map(({ deviceId }) => deviceId))],
      }
    },
  }
}
