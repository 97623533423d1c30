import type { Patient, WardScope } from '@vigil/contract'
import type { Database } from '../../db/database.ts'
import { field, iso } from '../../iso.ts'
import type { Mode } from '../../registry/world.ts'
import type { PatientFacts } from '../resources/patient.ts'
import { type Asked, valuesOf } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { readToken } from '../search/tokens.ts'
import { HOSPITAL_NUMBER } from '../resources/systems.ts'
import { countWhenAsked, type Found, pageOf } from './pages.ts'
import { addDates, keyset, Where } from './where.ts'

interface Row {
  readonly id: string
  readonly identifier: string | null
  readonly family_name: string
  readonly given_name: string
  readonly title: string
  readonly birth_date: string | null
  readonly sex: Patient['sex'] | null
  readonly mode: Mode
  readonly version: number
  readonly created_at: number
  readonly changed_at: number
  readonly cursor_key: string
}

const COLUMNS = 'p.id, p.identifier, p.family_name, p.given_name, p.title, p.birth_date, p.sex, p.mode, p.version, p.created_at, p.changed_at'
const SORTS: Readonly<Record<string, { readonly by: string; readonly type: string }>> = {
  _id: { by: 'p.id', type: 'uuid' },
  _lastUpdated: { by: 'p.changed_at', type: 'timestamptz' },
  family: { by: 'lower(p.family_name)', type: 'text' },
  birthdate: { by: `coalesce(p.birth_date, 'infinity'::date)`, type: 'date' },
}
export const patientSorts = Object.keys(SORTS)
/** `birthdate=1950` means the year; a date has no time of day to be earlier or later than. */
const BORN = `(p.birth_date::timestamp at time zone 'UTC')`

/** Names match from their beginning, in any case. */
const NAMES: Readonly<Record<string, readonly string[]>> = { name: ['p.family_name', 'p.given_name', 'p.title'], family: ['p.family_name'], given: ['p.given_name'] }

export interface PatientFilter {
  readonly nowMs: number
  readonly wards: WardScope
  readonly ids: readonly string[] | undefined
}

export async function findPatients(database: Database, asked: Asked, cursor: Cursor | undefined, { nowMs, ids, wards }: PatientFilter): Promise<Found<PatientFacts>> {
  const where = new Where()
  if (ids) where.addAny('p.id', ids, 'uuid')
  if (wards !== null) where.add(`exists (select from stay s join bed wb on wb.id = s.bed_id where s.patient_id = p.id and wb.ward_id = any(${where.place(wards)}::text[]))`)
  for (const [name, columns] of Object.entries(NAMES)) {
    for (const values of valuesOf(asked, name)) {
      where.add(values.flatMap((value) => columns.map((column) => `starts_with(lower(${column}), lower(${where.place(value)}))`)).join(' or '))
    }
  }
  for (const values of valuesOf(asked, 'identifier')) {
    const codes = values.map(readToken).filter(({ system }) => system === undefined || system === HOSPITAL_NUMBER).flatMap(({ code }) => code ?? [])
    where.addAny('p.identifier', codes, 'text')
  }
  for (const values of valuesOf(asked, 'gender')) where.addAny('p.sex', values, 'text')
  addDates(where, asked, 'birthdate', { start: BORN, nowMs })
  addDates(where, asked, '_lastUpdated', { start: 'p.changed_at', nowMs })
  const total = await countWhenAsked(database, asked, 'patient p', where)
  const { by, descending } = asked.sort ?? { by: '_id', descending: false }
  const { key, rest } = keyset(where, { ...(SORTS[by] as { by: string; type: string }), id: 'p.id', idType: 'uuid', descending, cursor, limit: asked.count })
  const rows = await database.query<Row>(`select ${COLUMNS}, ${key} from patient p ${rest}`, where.values)
  return pageOf(rows, asked.count, total, toFacts)
}

function toFacts(row: Row): PatientFacts {
  return {
    id: row.id,
    familyName: row.family_name,
    givenName: row.given_name,
    title: row.title,
    mode: row.mode,
    version: row.version,
    createdAt: iso(row.created_at),
    updatedMs: row.changed_at,
    ...field('identifier', row.identifier),
    ...field('birthDate', row.birth_date),
    ...field('sex', row.sex),
  }
}
