import { AppError, type Patient, type PatientChange } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { field, iso } from '../iso.ts'
import type { Mode } from '../registry/world.ts'
import { assertLinkKeepsMode } from '../stays/same-mode-pg.ts'
import type { PatientStore } from './patients.ts'

interface PatientFullRow {
  id: string
  identifier: string | null
  family_name: string
  given_name: string
  title: string
  birth_date: string | null
  sex: Patient['sex'] | null
  note: string
  mode: Mode
  version: number
  created_at: number
}

const COLUMNS = 'id, identifier, family_name, given_name, title, birth_date, sex, note, mode, version, created_at'

/** Column of each field a person may change. */
const CHANGEABLE = {
  identifier: 'identifier',
  familyName: 'family_name',
  givenName: 'given_name',
  title: 'title',
  birthDate: 'birth_date',
  sex: 'sex',
  note: 'note',
  mode: 'mode',
} as const satisfies Partial<Record<keyof PatientChange, string>>

/** "KOWALSKI, Ewa" as every screen writes it, or "Ewa Kowalski" as people say it: the words count, not their order. */
const wordsOf = (text: string): string[] => text.split(/[\s,]+/u).filter(Boolean)

export function createPatientStore(database: Database): PatientStore {
  return {
    async add(id, { identifier, familyName, givenName = '', title = '', birthDate, sex, note = '', mode = 'real' }, createdAtMs) {
      const row = await unique(() =>
        one<PatientFullRow>(
          database,
          `insert into patient (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10) returning ${COLUMNS}`,
          [id, identifier ?? null, familyName, givenName, title, birthDate ?? null, sex ?? null, note, mode, iso(createdAtMs)],
        ),
      )
      return toPatient(row as PatientFullRow)
    },
    async find(id) {
      const row = await one<PatientFullRow>(database, `select ${COLUMNS} from patient where id = $1`, [id])
      return row && toPatient(row)
    },
    async search(text, limit, wards) {
      const rows = await database.query<PatientFullRow>(
        `select ${COLUMNS} from patient
         where ($1 = '' or starts_with(lower(replace(coalesce(identifier, ''), ' ', '')), lower(replace($1, ' ', '')))
             or (select bool_and(position(lower(word) in lower(family_name || ' ' || given_name)) > 0) from unnest($4::text[]) word))
           and ($3::text[] is null or coalesce((select b.ward_id from stay s join bed b on b.id = s.bed_id where s.patient_id = patient.id order by s.discharged_at is null desc, s.admitted_at desc limit 1) = any($3), true))
         order by created_at desc limit $2`,
        [text, limit, wards, wordsOf(text)],
      )
      return rows.map(toPatient)
    },
    async change(id, change) {
      const changes = Object.entries(CHANGEABLE).filter(([name]) => change[name as keyof typeof CHANGEABLE] !== undefined)
      const sets = changes.map(([, column], i) => `${column} = $${i + 3}`)
      const row = await unique(() =>
        database.transaction(async (queries) => {
          const changed = await one<PatientFullRow>(
            queries,
            `update patient set ${[...sets, 'version = version + 1'].join(', ')} where id = $1 and version = $2 returning ${COLUMNS}`,
            [id, change.version, ...changes.map(([name]) => change[name as keyof typeof CHANGEABLE])],
          )
          if (changed && change.mode !== undefined) await assertLinkKeepsMode(queries, { patientId: id, mode: change.mode })
          return changed
        }),
      )
      return row && toPatient(row)
    },
  }
}

async function unique<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (brokenConstraint(error) === undefined) throw error
    throw new AppError('ALREADY_EXISTS', 'Another patient has this hospital number. Find that patient instead of adding one.', { cause: error })
  }
}

function toPatient(row: PatientFullRow): Patient {
  return {
    id: row.id,
    familyName: row.family_name,
    givenName: row.given_name,
    title: row.title,
    note: row.note,
    mode: row.mode,
    version: row.version,
    createdAt: iso(row.created_at),
    ...field('identifier', row.identifier),
    ...field('birthDate', row.birth_date),
    ...field('sex', row.sex),
  }
}
