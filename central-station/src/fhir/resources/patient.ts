import type { Patient } from '@vigil/contract'
import { type FhirResource, metaOf } from './resource.ts'
import { HOSPITAL_NUMBER } from './systems.ts'

export interface PatientFacts extends Patient {
  readonly updatedMs: number
}

/** The note stays out: it is for the people of the ward. */
export function patientOf(patient: PatientFacts): FhirResource {
  const { id, version, identifier, familyName, givenName = '', title = '', birthDate, sex, mode, updatedMs } = patient
  const given = givenName.split(/\s+/).filter((name) => name !== '')
  return {
    resourceType: 'Patient',
    id,
    meta: metaOf({ versionId: version, updatedMs, isTest: mode !== undefined && mode !== 'real' }),
    ...(identifier === undefined ? {} : { identifier: [{ use: 'usual', type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }], text: 'Hospital number' }, system: HOSPITAL_NUMBER, value: identifier }] }),
    active: true,
    name: [{ use: 'official', family: familyName, ...(given.length > 0 ? { given } : {}), ...(title === '' ? {} : { prefix: [title] }) }],
    ...(sex === undefined ? {} : { gender: sex }),
    ...(birthDate === undefined ? {} : { birthDate }),
  }
}
