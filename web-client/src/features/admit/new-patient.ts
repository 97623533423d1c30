import type { NewPatient, Patient } from '@vigil/contract/api/patients'

export interface PatientDraft {
  familyName: string
  givenName: string
  title: string
  birthDate: string
  sex: 'unknown' | 'female' | 'male' | 'other'
  identifier: string
}

/** What was typed into the search, sorted into fields: a number is a number, "Nowak, Jan" a name. */
export function draftFrom(typed: string): PatientDraft {
  const text = typed.trim()
  const empty: PatientDraft = { familyName: '', givenName: '', title: '', birthDate: '', sex: 'unknown', identifier: '' }
  if (/\d/.test(text)) return { ...empty, identifier: text.replaceAll(' ', '') }
  const [familyName = '', givenName = ''] = text.split(',').map((part) => part.trim())
  return { ...empty, familyName, givenName }
}

/** Only what was filled in is sent. */
export function newPatientFrom(draft: PatientDraft): NewPatient {
  const { familyName, sex, ...rest } = draft
  const filled = Object.fromEntries(Object.entries(rest).flatMap(([key, value]) => (value.trim() === '' ? [] : [[key, value.trim()]])))
  return { familyName: familyName.trim(), sex, ...filled }
}

const plain = (text: string | undefined): string => (text ?? '').trim().toLocaleLowerCase()
const digits = (text: string | undefined): string => plain(text).replaceAll(' ', '')
const FIRST_LETTERS = 3
const beginning = (name: string | undefined): string => plain(name).slice(0, FIRST_LETTERS)

/** Whether somebody of the register could be the person of this form: the same number, or the same surname with a given name that begins alike, or with the same birthday. */
export function possiblyThe(patient: Pick<Patient, 'familyName' | 'givenName' | 'birthDate' | 'identifier'>, draft: PatientDraft): boolean {
  if (draft.identifier !== '' && digits(patient.identifier) === digits(draft.identifier)) return true
  if (plain(patient.familyName) !== plain(draft.familyName)) return false
  const bornAlike = draft.birthDate !== '' && patient.birthDate === draft.birthDate
  const differs = draft.birthDate !== '' && patient.birthDate !== undefined && !bornAlike
  return bornAlike || (!differs && (beginning(patient.givenName) === '' || beginning(draft.givenName) === '' || beginning(patient.givenName) === beginning(draft.givenName)))
}
