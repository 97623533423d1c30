import type { WardScope } from '@vigil/contract'
import type { Episode } from '../../alarms/log/episode.ts'
import { EPISODE_COLUMNS } from '../../alarms/log/alarm-archive-pg.ts'
import type { Database } from '../../db/database.ts'
import type { FlagFacts } from '../resources/flag.ts'
import type { Asked } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { countWhenAsked, type Found, pageOf } from './pages.ts'
import { addDates, addWards, keyset, Where } from './where.ts'

type Row = Episode & { readonly stayId: string; readonly patient_id: string; readonly changed_at: number; readonly cursor_key: string }

const UPDATED = `greatest(a.announced_at, a.first_acknowledged_at, a.ended_at, (select max(e.at) from alarm_event e where e.alarm_id = a.id))`
const SORTS: Readonly<Record<string, { readonly by: string; readonly type: string }>> = { date: { by: 'a.announced_at', type: 'timestamptz' }, _id: { by: 'a.id', type: 'uuid' } }
export const alarmSorts = Object.keys(SORTS)

export interface AlarmFilter {
  readonly nowMs: number
  readonly wards: WardScope
  readonly ids: readonly string[] | undefined
  readonly patientIds: readonly (readonly string[])[]
  readonly stayIds: readonly (readonly string[])[]
  readonly isOver: boolean | undefined
  readonly kinds: readonly string[] | undefined
}

/** Announced alarms about a stay: what waits for its onset delay was told to nobody, and a flag needs a patient. */
export async function findAlarms(database: Database, asked: Asked, cursor: Cursor | undefined, { nowMs, wards, ids, patientIds, stayIds, isOver, kinds }: AlarmFilter): Promise<Found<FlagFacts>> {
  const where = new Where().add('a.announced_at is not null')
  addWards(where, wards)
  if (ids) where.addAny('a.id', ids, 'uuid')
  for (const some of patientIds) where.addAny('s.patient_id', some, 'uuid')
  for (const some of stayIds) where.addAny('a.stay_id', some, 'uuid')
  if (isOver !== undefined) where.add(`a.phase ${isOver ? '=' : '<>'} 'cleared'`)
  if (kinds) where.addAny('a.kind', kinds, 'text')
  addDates(where, asked, 'date', { start: 'a.announced_at', end: `coalesce(a.ended_at, 'infinity')`, nowMs })
  addDates(where, asked, '_lastUpdated', { start: UPDATED, nowMs })
  const from = 'alarm a join stay s on s.id = a.stay_id'
  const total = await countWhenAsked(database, asked, from, where)
  const { by, descending } = asked.sort ?? { by: 'date', descending: true }
  const { key, rest } = keyset(where, { ...(SORTS[by] as { by: string; type: string }), id: 'a.id', idType: 'uuid', descending, cursor, limit: asked.count })
  const rows = await database.query<Row>(`select ${EPISODE_COLUMNS}, s.patient_id, ${UPDATED} as changed_at, ${key} from ${from} ${rest}`, where.values)
  return pageOf(rows, asked.count, total, (row): FlagFacts => ({ ...row, patientId: row.patient_id, updatedMs: row.changed_at }))
}
