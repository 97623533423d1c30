import type { Alarm, AlarmEvent } from '@vigil/contract'
import type { Priority } from '@vigil/contract/alarms'
import type { Queries } from '../../db/database.ts'
import { field, iso, isoField } from '../../iso.ts'
import { stepColumns, type StepRow } from './alarm-step-row.ts'
import { noticesOf, type NoticeRow } from './alarm-notices-pg.ts'

interface EventRow extends StepRow {
  detail: { value?: number | null; worst?: number | null; limit?: number | null; priority?: Priority; version?: number } | null
}

const STEPS = `select ${stepColumns('e')}, e.detail from alarm_event e where e.alarm_id = $1`
/** Sound, monitoring and limits of the patient while it lasted, and who looked at this very alarm; `$2` stay, `$3` and `$4` from and to. */
const AROUND = `
  select 0 as n, at, null::timestamptz as device_at, what, state, username, role, origin, why, null::jsonb as detail
  from alarm_event where subject_kind = 'stay' and subject_id = $2::text and stream in ('audio', 'monitoring') and at >= $3 and at <= $4
  union all
  select 0, at, null, 'limits_changed', '', username, role, null, reason, null from stay_limits_change where stay_id = $2::uuid and at >= $3 and at <= $4
  union all
  select 0, at, null, 'looked_at', '', username, role, origin, null, null from audit where stay_id = $2::uuid and action = 'alarm.read' and at >= $3 and detail ->> 'alarmId' = $1::text`

/** What receivers of this alarm said of it (IHE PCD-05). */
const SAID = `
  select 0 as n, s.at, null::timestamptz as device_at, 'outside_' || s.status as what, '' as state, t.name as username, null as role, null as origin, null as why, null::jsonb as detail
  from outbound_delivery d join outbound_said s on s.delivery_no = d.no join outbound_target t on t.id = d.target_id where d.subject = $1::text`

/** Everything that happened to one alarm, oldest first: from its log, the patient's sound, monitoring and limits, the notices, what receivers elsewhere said, and the audit. */
export async function lifeOf(queries: Queries, { id, stayId, since, endedAt }: Alarm): Promise<AlarmEvent[]> {
  const steps = await queries.query<EventRow>(STEPS, [id])
  const around = stayId === undefined ? [] : await queries.query<EventRow>(AROUND, [id, stayId, since, endedAt ?? 'infinity'])
  const events = [...[...steps, ...around].map(toEvent), ...(await noticesOf(queries, [id])).map(toNoticeEvent)]
  return [...events, ...(await queries.query<EventRow>(SAID, [id])).map(toEvent)].sort((a, b) => a.at.localeCompare(b.at) || a.n - b.n)
}

function toEvent({ n, at, device_at, what, state, username, role, origin, why, detail }: EventRow): AlarmEvent {
  return {
    n, at: iso(at), what, state,
    ...field('version', detail?.version), ...field('value', detail?.worst ?? detail?.value), ...field('limit', detail?.limit), ...field('priority', detail?.priority),
    ...isoField('deviceAt', device_at), ...field('by', username), ...field('role', role), ...field('origin', origin), ...field('why', why),
  }
}

function toNoticeEvent({ recipient, step, channel, state, at, why }: NoticeRow): AlarmEvent {
  return { n: 0, at: iso(at), what: `notice_${state}`, state: step, why: [`${channel} to ${recipient}`, ...(why === null ? [] : [why])].join(': ') }
}
