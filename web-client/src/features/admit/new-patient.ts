import type { NewPatient } from '@vigil/contract/api/patients'

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
