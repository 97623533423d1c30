import Type, { type Static } from 'typebox'
import { Mode, Uuid } from './schema.ts'

export const Sex = Type.Enum(['female', 'male', 'other', 'unknown'])

/** Enough of a patient for a tile or a banner. */
export const PatientSummary = Type.Object({
  id: Uuid,
  familyName: Type.String(),
  givenName: Type.String(),
  title: Type.String(),
  birthDate: Type.Optional(Type.String()),
  sex: Type.Optional(Sex),
  identifier: Type.Optional(Type.String()),
  mode: Mode,
})
export type PatientSummary = Static<typeof PatientSummary>
