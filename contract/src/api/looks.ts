import Type, { type Static } from 'typebox'
import { IsoTime } from './schema.ts'

/** Somebody who opened a patient's data within one hour, and what they did there. */
export const Look = Type.Object({
  username: Type.String(),
  name: Type.String({ description: 'As people call them; the user name of a program' }),
  role: Type.String(),
  from: IsoTime,
  to: IsoTime,
  times: Type.Integer(),
  actions: Type.Array(Type.String(), { description: 'As in the audit: `patient.read`, `history.read` …' }),
  emergency: Type.Boolean({ description: 'They had opened the ward in an emergency' }),
  reason: Type.Optional(Type.String({ description: 'Why they opened the ward' })),
})
export type Look = Static<typeof Look>

/** Emergencies first, then newest first. */
export const LookList = Type.Object({ from: IsoTime, to: IsoTime, looks: Type.Array(Look), more: Type.Boolean({ description: 'Not all of them: ask for a shorter time' }) })
export type LookList = Static<typeof LookList>

export const LookQuery = Type.Object(
  { from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds; default 30 days ago' })), to: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)
export type LookQuery = Static<typeof LookQuery>
