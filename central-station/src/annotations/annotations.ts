import { type Annotation, type AnnotationCorrection, type AnnotationList, AppError, type Clock, type NewAnnotation, signalByName } from '@vigil/contract'
import { readTime, readTimeRange } from '../history/time-range.ts'
import { uuidv7 } from '../ids.ts'
import { type AnnotationFact, annotationsOf, type AnnotationStore } from './annotation.ts'

export interface AnnotationService {
  /** @throws AppError INVALID_RANGE */
  list(stayId: string, range: { from?: string | undefined; to?: string | undefined }): Promise<AnnotationList>
  /** @throws AppError INVALID_RANGE, UNKNOWN_SIGNAL, NOT_FOUND */
  add(stayId: string, asked: NewAnnotation, by: Author): Promise<Annotation>
  /** @throws AppError NOT_FOUND, VERSION_CONFLICT, INVALID_REQUEST */
  correct(stayId: string, id: string, asked: AnnotationCorrection, by: Author): Promise<Annotation>
}

interface Author {
  readonly username: string
  readonly role: string
}

/** A note is about what was or is; a little ahead is a clock that differs. */
const AHEAD_MS = 5 * 60_000

export function createAnnotations({ store, clock }: { store: AnnotationStore; clock: Clock }): AnnotationService {
  async function keep(fact: AnnotationFact): Promise<Annotation> {
    await store.add(fact)
    return annotationsOf([fact])[0] as Annotation
  }
  return {
    async list(stayId, range) {
      const { fromMs = 0, toMs = clock.now() + AHEAD_MS } = readTimeRange(range)
      return { annotations: annotationsOf(await store.list(stayId, fromMs, toMs)) }
    },
    async add(stayId, { from, to, signal, text }, { username, role }) {
      const fromMs = readTime('from', from)
      const toMs = to === undefined ? null : readTime('to', to)
      const atMs = clock.now()
      if (Math.max(fromMs, toMs ?? 0) > atMs + AHEAD_MS) throw new AppError('INVALID_RANGE', 'A note is about what has been: its time lies in the future.')
      if (toMs !== null && toMs <= fromMs) throw new AppError('INVALID_RANGE', 'The stretch is reversed or empty: "from" must be before "to".')
      if (signal !== undefined && !signalByName(signal)) throw new AppError('UNKNOWN_SIGNAL', `There is no signal ${signal}. Use short names such as pr, spo2, temp.`, { details: { unknown: [signal] } })
      return keep({ id: uuidv7(atMs), stayId, fromMs, toMs, signal: signal ?? null, text, atMs, by: username, role, corrects: null, reason: '', withdrawn: false })
    },
    async correct(stayId, id, { reason, text, withdraw = false }, { username, role }) {
      const before = await store.find(stayId, id)
      if (!before) throw new AppError('NOT_FOUND', 'There is no such annotation.')
      if (withdraw === (text !== undefined)) throw new AppError('INVALID_REQUEST', 'Give either the corrected text or `withdraw`.')
      const atMs = clock.now()
      const after: AnnotationFact = { ...before, id: uuidv7(atMs), text: text ?? before.text, atMs, by: username, role, corrects: id, reason, withdrawn: withdraw }
      await store.add(after)
      const chain = await store.list(stayId, before.fromMs, (before.toMs ?? before.fromMs) + 1)
      return annotationsOf(chain).find((one) => one.id === after.id) as Annotation
    },
  }
}
