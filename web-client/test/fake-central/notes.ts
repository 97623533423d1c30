import type { Annotation, AnnotationCorrection, NewAnnotation, NewSavedQuery, SavedQuery } from '@vigil/contract/api/annotations'
import { uuid } from './people.ts'
import { Refusal } from './refusal.ts'

/** Notes and kept questions, as the central station keeps them: a correction stands before what it corrects. */
export class FakeNotes {
  readonly #nowMs: () => number
  readonly all: Annotation[] = []
  queries: SavedQuery[] = []

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  list(stay: string, url: URL): Annotation[] {
    const [from, to] = ['from', 'to'].map((name) => Number(url.searchParams.get(name)))
    return this.all.filter((note) => note.stayId === stay && Date.parse(note.from) >= (from ?? 0) && Date.parse(note.from) <= (to ?? 0))
  }

  add(stayId: string, body: NewAnnotation, by: string): Annotation {
    const note: Annotation = { id: uuid(0x8000 + this.all.length), stayId, ...body, by, role: 'nurse', at: this.#now(), withdrawn: false, earlier: [] }
    this.all.push(note)
    return note
  }

  correct(id: string, { text, reason, withdraw = false }: AnnotationCorrection, by: string): Annotation {
    const at = this.all.findIndex((note) => note.id === id)
    const before = this.all[at]
    if (!before) throw new Refusal('NOT_FOUND', 'No such note')
    const note: Annotation = { ...before, id: uuid(0x8100 + this.all.length), text: text ?? before.text, reason, withdrawn: withdraw, by, at: this.#now(), earlier: [{ text: before.text, by: before.by, role: before.role, at: before.at }, ...before.earlier] }
    this.all[at] = note
    return note
  }

  keep({ name, query }: NewSavedQuery): SavedQuery {
    const kept = { id: uuid(0x9000 + this.queries.length), name, query, savedAt: this.#now() }
    this.queries = [...this.queries.filter((one) => one.name !== name), kept]
    return kept
  }

  forget(id: string): undefined {
    this.queries = this.queries.filter((one) => one.id !== id)
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString()
  }
}
