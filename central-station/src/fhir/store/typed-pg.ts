import type { WardScope } from '@vigil/contract'
import { type Database, one } from '../../db/database.ts'
import { iso } from '../../iso.ts'
import type { TypedFacts } from '../resources/typed-observation.ts'
import type { OwnerFilter } from './sample-source.ts'
import { inWards } from './where.ts'

interface Row {
  readonly id: string
  readonly stay_id: string
  readonly patient_id: string
  readonly at: number
  readonly entered_at: number
  readonly username: string
  readonly is_test: boolean
  readonly seen: Record<string, unknown>
}

const TYPED = `select o.id, o.stay_id, s.patient_id, o.at, o.entered_at, o.username, p.mode <> 'real' as is_test, o.seen from observation o join stay s on s.id = o.stay_id join patient p on p.id = s.patient_id`

export async function readStays(database: Database, { wards, patientIds, stayIds }: Pick<OwnerFilter, 'wards' | 'patientIds' | 'stayIds'>): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>(`select s.id from stay s where ($1::uuid[] is null or s.patient_id = any($1)) and ($2::uuid[] is null or s.id = any($2)) and ${inWards('$3')}`, [patientIds ?? null, stayIds ?? null, wards])
  return rows.map(({ id }) => id)
}

export async function readTyped(database: Database, stayIds: readonly string[] | undefined, fromMs: number, toMs: number): Promise<readonly TypedFacts[]> {
  const rows = await database.query<Row>(`${TYPED} where ($1::uuid[] is null or o.stay_id = any($1)) and o.at >= $2 and o.at < $3`, [stayIds ?? null, iso(fromMs), iso(toMs)])
  return rows.map(toFacts)
}

export async function readTypedEdge(database: Database, stayIds: readonly string[] | undefined, { fromMs, toMs }: { fromMs: number; toMs: number }, descending: boolean): Promise<number | undefined> {
  const row = await one<{ at: number }>(
    database,
    `select at from observation where ($1::uuid[] is null or stay_id = any($1)) and at >= $2 and at < $3 order by at ${descending ? 'desc' : 'asc'} limit 1`,
    [stayIds ?? null, iso(fromMs), iso(toMs)],
  )
  return row?.at
}

export async function readTypedById(database: Database, id: string, wards: WardScope): Promise<TypedFacts | undefined> {
  const row = await one<Row>(database, `${TYPED} where o.id = $1 and ${inWards('$2')}`, [id, wards])
  return row && toFacts(row)
}

function toFacts({ id, stay_id, patient_id, at, entered_at, username, is_test, seen }: Row): TypedFacts {
  return { id, stayId: stay_id, patientId: patient_id, atMs: at, enteredMs: entered_at, username, isTest: is_test, seen }
}
