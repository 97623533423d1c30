import type { WardScope } from '@vigil/contract'
import type { Database } from '../../db/database.ts'
import type { StayFacts } from '../resources/encounter.ts'
import type { Asked } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { countWhenAsked, type Found, pageOf } from './pages.ts'
import { addDates, addWards, keyset, Where } from './where.ts'

interface Row {
  readonly id: string
  readonly patient_id: string
  readonly reason: string
  readonly admitted_at: number
  readonly discharged_at: number | null
  readonly version: number
  readonly changed_at: number
  readonly is_test: boolean
  readonly beds: readonly { readonly place: string; readonly from: number; readonly to: number | null }[]
  readonly cursor_key: string
}

const SORTS: Readonly<Record<string, { readonly by: string; readonly type: string }>> = {
  date: { by: 's.admitted_at', type: 'timestamptz' },
  _id: { by: 's.id', type: 'uuid' },
  _lastUpdated: { by: 's.changed_at', type: 'timestamptz' },
}
export const staySorts = Object.keys(SORTS)

const BEDS = `coalesce((select json_agg(json_build_object('place', w.name || ', bed ' || b.label, 'from', extract(epoch from sb.from_at) * 1000, 'to', extract(epoch from sb.to_at) * 1000) order by sb.from_at)
  from stay_bed sb join bed b on b.id = sb.bed_id join ward w on w.id = b.ward_id where sb.stay_id = s.id), '[]') as beds`

export interface StayFilter {
  readonly nowMs: number
  readonly wards: WardScope
  readonly ids: readonly string[] | undefined
  readonly patientIds: readonly (readonly string[])[]
  readonly isOver: boolean | undefined
}

export async function findStays(database: Database, asked: Asked, cursor: Cursor | undefined, { nowMs, wards, ids, patientIds, isOver }: StayFilter): Promise<Found<StayFacts>> {
  const where = new Where()
  addWards(where, wards)
  if (ids) where.addAny('s.id', ids, 'uuid')
  for (const some of patientIds) where.addAny('s.patient_id', some, 'uuid')
  if (isOver !== undefined) where.add(`s.discharged_at is ${isOver ? 'not null' : 'null'}`)
  addDates(where, asked, 'date', { start: 's.admitted_at', end: `coalesce(s.discharged_at, 'infinity')`, nowMs })
  addDates(where, asked, '_lastUpdated', { start: 's.changed_at', nowMs })
  const total = await countWhenAsked(database, asked, 'stay s', where)
  const { by, descending } = asked.sort ?? { by: 'date', descending: true }
  const { key, rest } = keyset(where, { ...(SORTS[by] as { by: string; type: string }), id: 's.id', idType: 'uuid', descending, cursor, limit: asked.count })
  const rows = await database.query<Row>(
    `select s.id, s.patient_id, s.reason, s.admitted_at, s.discharged_at, s.version, s.changed_at, p.mode <> 'real' as is_test, ${BEDS}, ${key} from stay s join patient p on p.id = s.patient_id ${rest}`,
    where.values,
  )
  return pageOf(rows, asked.count, total, ({ id, patient_id, reason, admitted_at, discharged_at, version, changed_at, is_test, beds }): StayFacts => ({
    id, patientId: patient_id, reason, admittedMs: admitted_at, dischargedMs: discharged_at, version, updatedMs: changed_at, isTest: is_test,
    beds: beds.map(({ place, from, to }) => ({ place, fromMs: from, toMs: to })),
  }))
}
