import type { Annotation } from '@vigil/contract'
import { field, iso, isoField } from '../iso.ts'

/** One written line; the newest of a chain is what counts. Times are ms since the Unix epoch. */
export interface AnnotationFact {
  readonly id: string
  readonly stayId: string
  readonly fromMs: number
  readonly toMs: number | null
  readonly signal: string | null
  readonly text: string
  readonly atMs: number
  readonly by: string
  readonly role: string
  /** The line this one takes the place of. */
  readonly corrects: string | null
  readonly reason: string
  readonly withdrawn: boolean
}

/** Port: annotations as PostgreSQL keeps them. */
export interface AnnotationStore {
  /** @throws AppError NOT_FOUND no such stay; VERSION_CONFLICT somebody corrected the same line before */
  add(fact: AnnotationFact): Promise<void>
  find(stayId: string, id: string): Promise<AnnotationFact | undefined>
  /** Every line whose stretch touches the range, corrected ones as well. */
  list(stayId: string, fromMs: number, toMs: number): Promise<readonly AnnotationFact[]>
}

/** Lines as annotations: each with what it said before; oldest stretch first. */
export function annotationsOf(facts: readonly AnnotationFact[]): Annotation[] {
  const byId = new Map(facts.map((fact) => [fact.id, fact]))
  const corrected = new Set(facts.flatMap(({ corrects }) => (corrects === null ? [] : [corrects])))
  return facts
    .filter(({ id }) => !corrected.has(id))
    .sort((a, b) => a.fromMs - b.fromMs || a.atMs - b.atMs)
    .map((fact) => toAnnotation(fact, earlierOf(fact, byId)))
}

function earlierOf(fact: AnnotationFact, byId: ReadonlyMap<string, AnnotationFact>): AnnotationFact[] {
  const out: AnnotationFact[] = []
  for (let before = fact.corrects; before !== null; ) {
    const found = byId.get(before)
    if (!found) break
    out.push(found)
    before = found.corrects
  }
  return out
}

const written = ({ text, by, role, atMs, reason }: AnnotationFact) => ({ text, by, role, at: iso(atMs), ...field('reason', reason === '' ? null : reason) })

function toAnnotation(fact: AnnotationFact, earlier: readonly AnnotationFact[]): Annotation {
  return { id: fact.id, stayId: fact.stayId, from: iso(fact.fromMs), ...isoField('to', fact.toMs), ...field('signal', fact.signal), ...written(fact), withdrawn: fact.withdrawn, earlier: earlier.map(written) }
}
