import type { Patient } from '@vigil/contract/api/patients'
import { useNow } from '../../composables/useNow.ts'
import { useWords } from '../../composables/useWords.ts'
import { fullName, groupedIdentifier } from '../../ui/patient-name.ts'

/** A person of the register in one line: the name, and what tells two people of that name apart. */
export function usePersonLine() {
  const { t, born } = useWords()
  const now = useNow()
  return {
    named: (patient: Patient) => fullName({ familyName: patient.familyName, givenName: patient.givenName ?? '', title: patient.title ?? '' }),
    facts: (patient: Patient) => [patient.birthDate && born(patient.birthDate, now.value), patient.sex && t(`sex.${patient.sex}`), patient.identifier && groupedIdentifier(patient.identifier)].filter(Boolean).join(' · '),
  }
}
