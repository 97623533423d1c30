import type { Patient } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { field, iso } from '../iso.ts'
import type { ProposalFact } from './proposal.ts'
import type { ProposalStore } from './proposals.ts'

interface ProposalRow extends Omit<ProposalFact, 'patient'> {
  patient_id: string | null
  patient_identifier: string
  patient_family: string
  patient_given: string
  patient_title: string
  patient_birth: string | null
  patient_sex: Patient['sex'] | null
  patient_mode: Patient['mode']
  patient_version: number
  patient_created: number
}

const SELECT = `
  select a.id::text as id, a.event, a.state, a.received_at as "receivedAtMs", a.at as "atMs", a.sender, a.identifier, a.family_name as "familyName", a.given_name as "givenName",
         a.birth_date as "birthDate", a.sex, a.location, a.reason, a.merged_identifier as merged, a.decided_at as "decidedAtMs", a.decided_by as "decidedBy", a.note, a.stay_id as "stayId",
         p.id as patient_id, p.identifier as patient_identifier, p.family_name as patient_family, p.given_name as patient_given, p.title as patient_title, p.birth_date as patient_birth,
         p.sex as patient_sex, p.mode as patient_mode, p.version as patient_version, p.created_at as patient_created
  from admission_proposal a left join patient p on p.identifier = a.identifier`

export function createProposalStore(database: Database): ProposalStore {
  return {
    async list(open, limit) {
      const rows = await database.query<ProposalRow>(`${SELECT} where (a.state = 'open') = $1 order by a.id desc limit $2`, [open, limit])
      return rows.map(toFact)
    },
    async find(id) {
      const row = await one<ProposalRow>(database, `${SELECT} where a.id = $1`, [id])
      return row && toFact(row)
    },
    async decide(id, { state, by, atMs, note, stayId }) {
      const row = await one(database, `update admission_proposal set state = $2, decided_by = $3, decided_at = $4, note = $5, stay_id = $6 where id = $1 and state = 'open' returning 1 as done`, [id, state, by, iso(atMs), note ?? null, stayId ?? null])
      return row !== undefined
    },
  }
}

function toFact(row: ProposalRow): ProposalFact {
  const { patient_id, patient_identifier, patient_family, patient_given, patient_title, patient_birth, patient_sex, patient_mode, patient_version, patient_created, ...fact } = row
  if (patient_id === null) return { ...fact, patient: null }
  return {
    ...fact,
    patient: {
      id: patient_id, identifier: patient_identifier, familyName: patient_family, givenName: patient_given, title: patient_title, version: patient_version, createdAt: iso(patient_created),
      ...field('birthDate', patient_birth), ...field('sex', patient_sex), ...field('mode', patient_mode ?? null),
    },
  }
}
