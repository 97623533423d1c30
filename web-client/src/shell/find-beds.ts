import type { Ward } from '@vigil/contract/api/patients'
import { fullName, groupedIdentifier } from '../ui/patient-name.ts'

export interface FoundBed {
  readonly stayId: string
  readonly name: string
  readonly place: string
  readonly identifier: string
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase()

/** Patients in a bed whose name, number or bed begins a word with every word typed; accents do not matter. */
export function findBeds(wards: readonly Ward[], typed: string, limit = 8): FoundBed[] {
  const asked = plain(typed).split(/\s+/).filter(Boolean)
  if (asked.length === 0) return []
  const found: FoundBed[] = []
  for (const ward of wards) {
    for (const bed of ward.beds) {
      if (!bed.stay) continue
      const { patient, id } = bed.stay
      const words = plain(`${patient.familyName} ${patient.givenName} ${patient.identifier ?? ''} ${bed.label}`).split(/[\s,-]+/)
      if (asked.every((a) => words.some((w) => w.startsWith(a)))) {
        found.push({ stayId: id, name: fullName(patient), place: `${ward.name} · ${bed.label}`, identifier: groupedIdentifier(patient.identifier ?? '') })
      }
    }
  }
  return found.slice(0, limit)
}
