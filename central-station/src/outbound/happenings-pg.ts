import type { Queries } from '../db/database.ts'
import type { AlarmHappening, Happening, MonitoringHappening, PersonOut, StayHappening } from './outbound.ts'

interface EventRow {
  no: number
  key: string
  event: string
  at: number
  ref: { alarmEventId?: string; monitoringEventId?: string; stayId?: string; bedId?: string | null; fromBedId?: string | null }
}

const PERSON = `case when p.id is null then null else jsonb_build_object('id', p.id, 'identifier', p.identifier, 'familyName', p.family_name, 'givenName', p.given_name) end`

const ALARMS = `
  select e.id as "eventId", a.id, e.n, e.what, e.state, a.condition, a.kind, coalesce(e.detail->>'priority', a.priority) as priority,
         coalesce((e.detail->>'worst')::float8, (e.detail->>'value')::float8, a.worst, a.value) as value, coalesce((e.detail->>'limit')::float8, a.lim) as "limit",
         a.site, a.ward_id as "wardId", a.bed_id as "bedId", b.label as "bedLabel", a.stay_id as "stayId", a.device_id as "deviceId", a.mode, e.username as "by",
         e.state = 'acknowledged' as acknowledged, ${PERSON} as patient
  from alarm_event e join alarm a on a.id = e.alarm_id
  left join bed b on b.id = a.bed_id left join stay s on s.id = a.stay_id left join patient p on p.id = s.patient_id
  where e.id = any($1::uuid[])`

/** The end of a pause carries the id of its beginning. */
const MONITORING = `
  select e.id as "eventId", coalesce(b0.id, e.id) as id, e.state as mode, (e.detail->>'untilMs')::float8 as "untilMs", coalesce(e.why, b0.why) as reason, e.username as "by",
         e.place->>'wardId' as "wardId", e.place->>'bedId' as "bedId", b.label as "bedLabel", s.id as "stayId", e.place->>'deviceId' as "deviceId", e.place->>'mode' as "dataMode", ${PERSON} as patient
  from alarm_event e join stay s on s.id::text = e.subject_id join patient p on p.id = s.patient_id left join bed b on b.id = e.place->>'bedId'
  left join lateral (select x.id, x.why from alarm_event x where x.stream = 'monitoring' and x.subject_id = e.subject_id and e.state <> 'paused' and x.state = 'paused' and (x.at, x.n) < (e.at, e.n)
    order by x.at desc, x.n desc limit 1) b0 on true
  where e.id = any($1::uuid[])`

const STAYS = `
  select s.id, b.ward_id as "wardId", w.mode, b.id as "bedId", b.label as "bedLabel", f.id as "fromBedId", p.mode as "patientMode", ${PERSON} as patient, r.no as "rowNo"
  from jsonb_to_recordset($1::jsonb) as r(no bigint, "stayId" uuid, "bedId" text, "fromBedId" text)
  join stay s on s.id = r."stayId" join patient p on p.id = s.patient_id
  left join bed b on b.id = r."bedId" left join ward w on w.id = b.ward_id left join bed f on f.id = r."fromBedId"`

/**
 * The oldest happenings that were not laid out yet, with what they are about. Locked until the transaction ends; one that
 * another station is at is left to it.
 */
export async function readHappenings(queries: Queries, limit: number): Promise<{ readonly nos: readonly number[]; readonly found: readonly Happening[] }> {
  const events = await queries.query<EventRow>('select no, key, event, at, ref from outbound_event order by no limit $1 for update skip locked', [limit])
  const alarms = await alarmsOf(queries, events)
  const stays = await staysOf(queries, events)
  const pauses = await pausesOf(queries, events)
  const found = events.flatMap(({ no, key, event, at, ref }): Happening[] => {
    const alarm = alarms.get(ref.alarmEventId ?? '')
    if (alarm) return [{ key, event, atMs: at, about: 'alarm', alarm }]
    const monitoring = pauses.get(ref.monitoringEventId ?? '')
    if (monitoring) return [{ key, event, atMs: at, about: 'monitoring', monitoring }]
    const stay = stays.get(no)
    // What was never announced to anybody has no row any more.
    return stay ? [{ key, event, atMs: at, about: 'stay', stay }] : []
  })
  return { nos: events.map(({ no }) => no), found }
}

async function alarmsOf(queries: Queries, events: readonly EventRow[]): Promise<Map<string, AlarmHappening>> {
  const ids = events.flatMap(({ ref }) => (ref.alarmEventId === undefined ? [] : [ref.alarmEventId]))
  if (ids.length === 0) return new Map()
  const rows = await queries.query<AlarmHappening & { eventId: string }>(ALARMS, [ids])
  return new Map(rows.map(({ eventId, ...alarm }) => [eventId, alarm]))
}

async function pausesOf(queries: Queries, events: readonly EventRow[]): Promise<Map<string, MonitoringHappening>> {
  const ids = events.flatMap(({ ref }) => ref.monitoringEventId ?? [])
  if (ids.length === 0) return new Map()
  const rows = await queries.query<MonitoringHappening & { eventId: string }>(MONITORING, [ids])
  return new Map(rows.map(({ eventId, ...monitoring }) => [eventId, monitoring]))
}

async function staysOf(queries: Queries, events: readonly EventRow[]): Promise<Map<number, StayHappening>> {
  const refs = events.flatMap(({ no, ref }) => (ref.stayId === undefined ? [] : [{ no, ...ref }]))
  if (refs.length === 0) return new Map()
  const rows = await queries.query<Omit<StayHappening, 'patient'> & { rowNo: number; patientMode: StayHappening['mode']; patient: PersonOut }>(STAYS, [JSON.stringify(refs)])
  return new Map(rows.map(({ rowNo, patientMode, mode, ...stay }) => [rowNo, { ...stay, mode: patientMode === 'real' ? (mode ?? 'real') : patientMode }]))
}
