import type { WardScope, WaveChannel, WaveFrame } from '@vigil/contract'
import type { Span } from '../../history/spans.ts'
import type { SampleFacts, SampleName, SampleOwner } from '../resources/observation.ts'
import type { TypedFacts } from '../resources/typed-observation.ts'

/** A stretch in which a device watched somebody. */
export interface OwnedSpan extends Span, SampleOwner {}

export interface OwnerFilter {
  /** Wards whose stays count; `null` for all. */
  readonly wards: WardScope
  /** `undefined`: everybody. */
  readonly patientIds: readonly string[] | undefined
  readonly stayIds: readonly string[] | undefined
  readonly deviceIds: readonly string[] | undefined
  readonly fromMs: number
  readonly toMs: number
}

/** Port: what was measured and what was typed in, by instant. */
export interface ObservationStore {
  /** Who was watched by what in a stretch of time; `undefined` when it is more than `limit` stretches. */
  owners(filter: OwnerFilter, limit: number): Promise<readonly OwnedSpan[] | undefined>
  /** Rows of a span, in order of time. */
  rows(span: Span): Promise<readonly SampleFacts[]>
  /** A time that is not later than the first row of any span (or, backwards, not earlier than the last); `undefined` without rows. */
  edge(spans: readonly Span[], descending: boolean): Promise<number | undefined>
  /** The owner of one row, with the row itself. */
  row(name: SampleName, wards: WardScope): Promise<{ readonly sample: SampleFacts; readonly owner: SampleOwner } | undefined>
  /** Whom a device watched at a moment. */
  ownerAt(when: { readonly deviceNo: number; readonly atMs: number }, wards: WardScope): Promise<{ readonly deviceId: string; readonly owner: SampleOwner } | undefined>
  /** Stored blocks of a waveform that may hold samples of the span, each with its frames. */
  waveBlocks(span: Span, channel: WaveChannel): Promise<readonly (readonly WaveFrame[])[]>
  /** As `edge`, of waveforms. */
  waveEdge(spans: readonly Span[], channels: readonly WaveChannel[], descending: boolean): Promise<number | undefined>
  /** Starts of the newest hours of a span that hold values of these signals, newest first, at most so many per signal. */
  hoursWith(span: Span, signalCodes: readonly number[], perSignal: number): Promise<readonly number[]>
  /** Stays whose typed observations count, and what was typed in a stretch of time. */
  stays(filter: Pick<OwnerFilter, 'wards' | 'patientIds' | 'stayIds'>): Promise<readonly string[]>
  typed(stayIds: readonly string[] | undefined, fromMs: number, toMs: number): Promise<readonly TypedFacts[]>
  typedEdge(stayIds: readonly string[] | undefined, range: { readonly fromMs: number; readonly toMs: number }, descending: boolean): Promise<number | undefined>
  typedById(id: string, wards: WardScope): Promise<TypedFacts | undefined>
}
