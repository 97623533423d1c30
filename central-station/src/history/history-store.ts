import type { HistoryPoint, Signal, SignalName } from '@vigil/contract'
import type { Static } from 'typebox'
import type { Gap, Surroundings } from './gaps.ts'
import type { Source, Span } from './spans.ts'

export type Point = Static<typeof HistoryPoint>

export interface Completeness {
  readonly expected: number
  readonly received: number
  readonly missing: number
}

export interface RawSamples {
  /** Time of every sample, in order, also of those without any of the signals. */
  readonly times: Float64Array
  /** Beside `times`: the value, NaN where there is none; a signal that no sample holds may be left out. */
  readonly columns: ReadonlyMap<SignalName, Float64Array>
}

/** Port to what the durable lane stored. `signals` undefined: all that have data. */
export interface HistoryStore {
  /**
   * From the ledger: the numbers between a span's first and last sample, per epoch. What lies between the sample before the
   * span and its first one is not counted, because nobody knows on which side of the border it was measured.
   */
  completeness(spans: readonly Span[]): Promise<Completeness>
  /** At most `limit` samples; `undefined` when there are more. */
  raw(span: Span, signals: readonly Signal[] | undefined, limit: number): Promise<RawSamples | undefined>
  /** `[t, min, mean, max]` per bucket of `bucketMs`, by signal; the first begins at `fromMs`, not before. */
  buckets(spans: readonly Span[], signals: readonly Signal[] | undefined, source: Source, bucketMs: number, fromMs: number): Promise<ReadonlyMap<SignalName, readonly Point[]>>
  /** Runs of buckets of the roll-up that hold anything, in order. */
  coveredRuns(span: Span, source: Exclude<Source, 'sample'>): Promise<readonly Gap[]>
  surroundings(span: Span, stretches: readonly Gap[], reachMs: number, silenceMs: number): Promise<readonly Surroundings[]>
  /** Times of the first and last samples of a span, to learn its usual step. */
  edgeTimes(span: Span): Promise<readonly Float64Array[]>
  /** Samples that arrived more than a minute after they were measured; counted up to 100,000. */
  late(spans: readonly Span[]): Promise<number>
}
