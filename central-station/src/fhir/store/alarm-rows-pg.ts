import type { WardScope } from '@vigil/contract'
import type { Episode } from '../../alarms/log/episode.ts'
import { EPISODE_COLUMNS } from '../../alarms/log/alarm-archive-pg.ts'
import type { Database } from '../../db/database.ts'
import { type FlagFacts, PAUSED } from '../resources/flag.ts'
import type { Asked } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { countWhenAsked, type Found, pageOf } from './pages.ts'
import { addDates, addWards, keyset, Where } from './where.ts'

type Row = Episode & Pick<FlagFacts, 'plannedEndMs'> & { readonly stayId: string; readonly patient_id: string; readonly changed_at: number; readonly cursor_key: string }

/**
 * Alarms, and pauses of monitoring in the same columns: whoever is told of alarms has to know that none can come. A pause is over with the
 * next word about the monitoring of that stay.
 */
const FLAGS = `(
  select alarm.*, null::timestamptz as planned_end from alarm
  union all
  select p.id, 'stay', p.subject_id, p.place->>'site', p.place->>'wardId', p.place->>'bedId', y.id, p.place->>'deviceId', p.place->>'mode', '${PAUSED}', 'technical', 'low',
         case when x.at is null then 'active' else 'cleared' end, case when x.at is null then 1 else 2 end, 1, p.at, p.at, x.at, null, p.username, p.why, null, null, null, false, null,
         to_timestamp((p.detail->>'untilMs')::float8 / 1000)
  from alarm_event p join stay y on y.id::text = p.subject_id
  left join lateral (select at from alarm_event z where z.stream = 'monitoring' and z.subject_id = p.subject_id and (z.at, z.n) > (p.at, p.n) order by z.at, z.n limit 1) x on true
  where p.stream = 'monitoring' and p.state = 'paused') a`

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

/** Announced alarms about a stay, and pauses of its monitoring: what waits for its onset delay was told to nobody, and a flag needs a patient. */
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
  const from = `${FLAGS} join stay s on s.id = a.stay_id`
  const total = await countWhenAsked(database, asked, from, where)
  const { by, descending } = asked.sort ?? { by: 'date', descending: true }
  const { key, rest } = keyset(where, { ...(SORTS[by] as { by: string; type: string }), id: 'a.id', idType: 'uuid', descending, cursor, limit: asked.count })
  const rows = await database.query<Row>(`select ${EPISODE_COLUMNS}, a.planned_end as "plannedEndMs", s.patient_id, ${UPDATED} as changed_at, ${key} from ${from} ${rest}`, where.values)
  return pageOf(rows, asked.count, total, (row): FlagFacts => ({ ...row, patientId: row.patient_id, updatedMs: row.changed_at }))
}
