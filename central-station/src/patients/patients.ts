import { AppError, type Clock, type NewPatient, type Patient, type PatientChange, type PatientList, type WardScope } from '@vigil/contract'
import { uuidv7 } from '../ids.ts'
import type { Registry } from '../registry/registry.ts'

/** Port: people who are or were patients. */
export interface PatientStore {
  /** @throws AppError ALREADY_EXISTS when the hospital number is taken */
  add(id: string, patient: NewPatient, createdAtMs: number): Promise<Patient>
  find(id: string): Promise<Patient | undefined>
  /** By part of a name or the beginning of a hospital number; newest first when `text` is empty. */
  search(text: string, limit: number, wards: WardScope): Promise<readonly Patient[]>
  /** `undefined` when the version is not the stored one. @throws AppError ALREADY_EXISTS, MODE_MISMATCH */
  change(id: string, change: PatientChange): Promise<Patient | undefined>
}

export interface Patients {
  /** Of these wards: who lies there, who lay there last, and who has never been admitted. */
  search(text: string, wards: WardScope): Promise<PatientList>
  /** @throws AppError NOT_FOUND */
  get(id: string): Promise<Patient>
  add(patient: NewPatient): Promise<Patient>
  /** @throws AppError NOT_FOUND, VERSION_CONFLICT, MODE_MISMATCH when their device is marked otherwise */
  change(id: string, change: PatientChange): Promise<Patient>
}

const FOUND_LIMIT = 200

export function createPatients({ store, registry, clock }: { store: PatientStore; registry: Registry; clock: Clock }): Patients {
  const get = async (id: string): Promise<Patient> => {
    const patient = await store.find(id)
    if (!patient) throw new AppError('NOT_FOUND', `There is no patient ${id}.`)
    return patient
  }
  return {
    search: async (text, wards) => ({ patients: [...(await store.search(text.trim(), FOUND_LIMIT, wards))] }),
    get,
    async add(patient) {
      assertRealDate(patient.birthDate)
      return store.add(uuidv7(clock.now()), patient, clock.now())
    },
    async change(id, change) {
      const before = await get(id)
      assertRealDate(change.birthDate)
      const after = await store.change(id, change)
      if (!after) throw new AppError('VERSION_CONFLICT', 'Somebody changed this patient while you were looking. Look at the new version and decide again.', { details: { version: before.version } })
      await registry.refresh()
      return after
    },
  }
}

/** @throws AppError INVALID_REQUEST */
export function assertRealDate(date: string | undefined): void {
  if (date === undefined) return
  const parsed = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(parsed) || new Date(parsed).toISOString().slice(0, 10) !== date) {
    throw new AppError('INVALID_REQUEST', `"${date}" is not a day of the calendar.`, { details: { errors: [{ path: '/birthDate', message: 'is not a day of the calendar' }] } })
  }
}
