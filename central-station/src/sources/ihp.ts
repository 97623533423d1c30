import { AppError, type NewPatient } from '@vigil/contract'
import type { Patients } from '../patients/patients.ts'
import { documentOf, type IhpDocument, type IhpPatient, nextIhpId, recordsOf } from './ihp-records.ts'

export type { IhpPatient } from './ihp-records.ts'

/** Port: what the HL7 receiver for IHP had in files. */
export interface IhpStore {
  /** Patients with a hospital number of whom HL7 messages are kept, and those registered by this way. */
  patients(): Promise<IhpPatient[]>
  find(identifier: string): Promise<IhpPatient | undefined>
  /** The newest messages that speak of this number. */
  messages(identifier: string, limit: number): Promise<{ raw: Buffer; receivedMs: number }[]>
  /** Numbers of the form XXX-XX-XXXX. */
  taken(): Promise<string[]>
}

export interface Ihp {
  documents(): Promise<IhpDocument[]>
  /** @throws AppError NOT_FOUND */
  document(patientId: string): Promise<IhpDocument>
  register(asked: { readonly name: string; readonly surname: string; readonly birthDate: string; readonly sex: string }): Promise<{ readonly id: string; readonly number: string }>
}

/** Of one patient and of the list. What is older than the raw messages kept is in history alone. */
const MESSAGES = 500
const MESSAGES_IN_LIST = 20

/** By its first letter, as front ends write `female`, `Female` or `F`. What says neither is unknown, never a guess. */
function sexOf(said: string): NonNullable<NewPatient['sex']> {
  return ({ F: 'female', M: 'male', O: 'other' } as const)[said.trim().charAt(0).toUpperCase()] ?? 'unknown'
}

export function createIhp({ store, patients }: { store: IhpStore; patients: Patients }): Ihp {
  return {
    async documents() {
      const out: IhpDocument[] = []
      for (const patient of await store.patients()) out.push(documentOf(patient, recordsOf(await store.messages(patient.identifier, MESSAGES_IN_LIST), patient.identifier)))
      return out
    },
    async document(patientId) {
      const patient = await store.find(patientId)
      if (!patient) throw new AppError('NOT_FOUND', `There is no patient with the number ${patientId}.`)
      return documentOf(patient, recordsOf(await store.messages(patientId, MESSAGES), patientId))
    },
    async register({ name, surname, birthDate, sex }) {
      const number = nextIhpId(await store.taken())
      const patient: NewPatient = { identifier: number, familyName: surname, givenName: name, birthDate: birthDate.slice(0, 10), sex: sexOf(sex) }
      const { id } = await patients.add(patient)
      return { id, number }
    },
  }
}
