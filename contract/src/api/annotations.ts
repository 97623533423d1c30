import Type, { type Static } from 'typebox'
import { IsoTime, Uuid } from './schema.ts'

const Text = Type.String({ minLength: 1, maxLength: 500 })
const Moment = Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds since the Unix epoch' })
const Signal = Type.String({ maxLength: 32, description: 'Short name of the signal it is about; all when absent' })

/** A note beside the record: about a moment or a stretch, of one signal or all. */
export const NewAnnotation = Type.Object(
  { from: Moment, to: Type.Optional(Moment), signal: Type.Optional(Signal), text: Text },
  { additionalProperties: false, description: 'Note something beside the record' },
)
export type NewAnnotation = Static<typeof NewAnnotation>

/** The note before stays readable; `withdraw` says that it should not have been written. */
export const AnnotationCorrection = Type.Object(
  { reason: Type.String({ minLength: 3, maxLength: 300 }), text: Type.Optional(Text), withdraw: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, description: 'Correct or withdraw an annotation, with a reason' },
)
export type AnnotationCorrection = Static<typeof AnnotationCorrection>

const written = { text: Type.String(), by: Type.String(), role: Type.String(), at: IsoTime, reason: Type.Optional(Type.String({ description: 'Why it took the place of the one before' })) }

export const Annotation = Type.Object({
  id: Uuid,
  stayId: Uuid,
  from: IsoTime,
  to: Type.Optional(IsoTime),
  signal: Type.Optional(Type.String()),
  ...written,
  withdrawn: Type.Boolean(),
  /** What it said before, newest first. */
  earlier: Type.Array(Type.Object(written)),
})
export type Annotation = Static<typeof Annotation>

export const AnnotationList = Type.Object({ annotations: Type.Array(Annotation) })
export type AnnotationList = Static<typeof AnnotationList>

/** A question to the history page, kept by one person under a name. */
export const SavedQuery = Type.Object({ id: Uuid, name: Type.String(), query: Type.String({ description: 'The query part of the page address' }), savedAt: IsoTime })
export type SavedQuery = Static<typeof SavedQuery>
export const SavedQueryList = Type.Object({ queries: Type.Array(SavedQuery) })
export type SavedQueryList = Static<typeof SavedQueryList>
export const NewSavedQuery = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 60 }), query: Type.String({ minLength: 1, maxLength: 600, pattern: '^[A-Za-z0-9_.~%&=:,+-]+$' }) },
  { additionalProperties: false, description: 'Keep a question; the same name takes the place of the one before' },
)
export type NewSavedQuery = Static<typeof NewSavedQuery>
