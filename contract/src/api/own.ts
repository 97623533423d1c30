import Type, { type Static } from 'typebox'
import { Bed } from './patients.ts'
import { PatientSummary } from './person.ts'
import { IsoTime, Uuid } from './schema.ts'

/** What a patient sees of themselves. Without a stay nothing is measured at present. */
export const OwnCare = Type.Object({
  patient: PatientSummary,
  stayId: Type.Optional(Uuid),
  admittedAt: Type.Optional(IsoTime),
  /** Without alarms and limits: those are for who answers them. */
  bed: Type.Optional(Bed),
  /** Whether a call of this patient waits for an answer. */
  calling: Type.Boolean(),
  serverTimeMs: Type.Number(),
})
export type OwnCare = Static<typeof OwnCare>

export const OwnCall = Type.Object({ at: IsoTime })
export type OwnCall = Static<typeof OwnCall>
