import type { AlarmLogRecord, AlarmPlace, AlarmRecord, AudioRecord, MonitoringRecord, Subject } from '@vigil/contract/alarms'
import type { Database } from '../../db/database.ts'
import { stepColumns, type StepRow } from './alarm-step-row.ts'
import { noticesOf } from './alarm-notices-pg.ts'
import type { NoticeLine } from './alarm-line.ts'

/** Everything that is open, as the log in PostgreSQL has it, oldest line first. */
export interface OpenAlarms {
  readonly records: readonly AlarmLogRecord[]
  /** How far notices about them got. */
  readonly notices: readonly NoticeLine[]
}

interface Row extends StepRow {
  id: string
  stream: AlarmLogRecord['stream']
  alarm_id: string | null
  subject_kind: string
  subject_id: string
  condition: string | null
  place: AlarmPlace
  detail: Record<string, unknown>
}

const COLUMNS = `e.id, e.stream, e.alarm_id, e.subject_kind, e.subject_id, e.condition, ${stepColumns('e')}, e.place, e.detail`
const ALARMS = `select ${COLUMNS} from alarm a join alarm_event e on e.alarm_id = a.id where a.phase <> 'cleared' order by e.at, e.n`
/** Of sound and monitoring only the last word counts, and only of a patient who is still here. */
const QUIET = `
  select ${COLUMNS} from stay s cross join (values ('audio'), ('monitoring')) q (stream) cross join lateral
    (select * from alarm_event x where x.subject_kind = 'stay' and x.subject_id = s.id::text and x.stream = q.stream order by x.at desc, x.n desc limit 1) e
  where s.discharged_at is null and e.state <> 'on'`

/** @throws AppError DATABASE_AWAY */
export async function readOpenAlarms(database: Database): Promise<OpenAlarms> {
  const [alarms, quiet] = await Promise.all([database.query<Row>(ALARMS), database.query<Row>(QUIET)])
  const ids = [...new Set(alarms.flatMap(({ alarm_id }) => alarm_id ?? []))]
  const notices = (await noticesOf(database, ids)).map(({ alarm_id, at, ...notice }): NoticeLine => ({ stream: 'notice', alarmId: alarm_id, atMs: at, ...notice }))
  return { records: [...alarms, ...quiet].map(toRecord), notices }
}

function toRecord(row: Row): AlarmLogRecord {
  const { id, n, place, why, username, role, origin } = row
  const base = {
    id, n, place, why, atMs: row.at, deviceMs: row.device_at, subject: { kind: row.subject_kind, id: row.subject_id } as Subject,
    by: username === null ? null : { user: username, role: role ?? '', origin: origin ?? '' },
  }
  if (row.stream === 'alarm') return { ...base, stream: 'alarm', alarmId: row.alarm_id ?? '', condition: row.condition ?? '', what: row.what as AlarmRecord['what'], to: row.state as AlarmRecord['to'], set: row.detail }
  const { stream, what, state: to } = row
  return { ...base, stream, what, to, untilMs: (row.detail['untilMs'] as number | null | undefined) ?? null } as AudioRecord | MonitoringRecord
}
