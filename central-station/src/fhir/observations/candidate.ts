import type { Coding, FhirResource } from '../resources/resource.ts'

/** One Observation that may be in the answer: enough to sort and filter by, without building it. */
export interface Candidate {
  readonly atMs: number
  readonly id: string
  /** Groups several measurements of the same thing, for `$lastn`. */
  readonly key: string
  readonly codings: readonly Coding[]
  readonly componentCodings: readonly Coding[]
  readonly category: string
  readonly updatedMs: number
  readonly isQuestionable: boolean
  build(): FhirResource | undefined
}

/** Where Observations come from, by instant: stored rows, typed entries, the score of now. */
export interface ObservationSource {
  /** A time not later than the first candidate of `[fromMs, toMs)`, or backwards not earlier than the last; `undefined` without any. */
  edge(fromMs: number, toMs: number, descending: boolean): Promise<number | undefined>
  within(fromMs: number, toMs: number): Promise<readonly Candidate[]>
  /** What a look at one stretch costs, in rows. */
  readonly rowsPerLook: number
}

/** By instant, then by id: one order for all sources, in which a cursor stays where it is while data arrives. */
export function compareCandidates(a: Pick<Candidate, 'atMs' | 'id'>, b: Pick<Candidate, 'atMs' | 'id'>): number {
  return a.atMs - b.atMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
