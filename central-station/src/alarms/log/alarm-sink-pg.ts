import type { AlarmLogRecord } from '@vigil/contract/alarms'
import type { Database } from '../../db/database.ts'
import type { JournalSink } from '../../files/journal.ts'
import type { AlarmLine, NoticeLine, ReviewLine } from './alarm-line.ts'
import type { Episode } from './episode.ts'

/** Where the lines end up: the append-only log, one row per episode, notices, late crossings; engines that stand by are told. A line that is there already is left alone. */
export function createAlarmSink(database: Database): JournalSink<AlarmLine> {
  return {
    async write(lines) {
      const logged = lines.flatMap(({ record }) => (record.stream === 'notice' || record.stream === 'review' ? [] : [record]))
      const newest = new Map<string, Episode>()
      for (const { episode } of lines) if (episode) newest.set(episode.id, episode)
      const notices = new Map<string, NoticeLine>()
      for (const { record } of lines) if (record.stream === 'notice') notices.set(record.id, record)
      const reviews = lines.flatMap(({ record }) => (record.stream === 'review' ? [record] : []))
      await database.transaction(async (queries) => {
        const run = async (text: string, rows: readonly object[]) => void (rows.length > 0 && (await queries.query(text, [JSON.stringify(rows)])))
        await run(EVENTS, logged.map(toEvent))
        await run(EPISODES, [...newest.values()])
        await run(CANCELLED, [...newest.values()].filter(({ phase, announcedMs }) => phase === 'cleared' && announcedMs === null))
        await run(NOTICES, [...notices.values()])
        await queries.query(`select pg_notify('vigil_alarm', '')`)
        await run(REVIEWS, reviews.map((review: ReviewLine) => ({ ...review, ...review.place })))
      })
    },
  }
}

function toEvent(record: AlarmLogRecord): object {
  const { stream, id, subject, place, n, atMs, deviceMs, by, why, what, to } = record
  return {
    id, stream, subjectKind: subject.kind, subjectId: subject.id, place, n, atMs, deviceMs, what, state: to, why,
    username: by?.user ?? null, role: by?.role ?? null, origin: by?.origin ?? null,
    alarmId: record.stream === 'alarm' ? record.alarmId : null,
    condition: record.stream === 'alarm' ? record.condition : null,
    detail: record.stream === 'alarm' ? record.set : { untilMs: record.untilMs },
  }
}

const EVENTS = `
  insert into alarm_event (id, stream, alarm_id, subject_kind, subject_id, condition, n, at, device_at, what, state, username, role, origin, why, place, detail)
  select e.id, e.stream, e."alarmId", e."subjectKind", e."subjectId", e.condition, e.n, to_timestamp(e."atMs" / 1000.0), to_timestamp(e."deviceMs" / 1000.0), e.what, e.state,
         e.username, e.role, e.origin, e.why, e.place, e.detail
  from jsonb_to_recordset($1::jsonb) as e(id uuid, stream text, "alarmId" uuid, "subjectKind" text, "subjectId" text, condition text, n int, "atMs" float8, "deviceMs" float8,
       what text, state text, username text, role text, origin text, why text, place jsonb, detail jsonb)
  on conflict (id) do nothing`

const EPISODES = `
  insert into alarm as a (id, subject_kind, subject_id, site, ward_id, bed_id, stay_id, device_id, mode, condition, kind, priority, phase, n, version, since_at, announced_at,
         ended_at, first_acknowledged_at, acknowledged_by, note, value, worst, lim, questionable, ended_why)
  select e.id, e."subjectKind", e."subjectId", e.site, e."wardId", e."bedId", e."stayId", e."deviceId", e.mode, e.condition, e.kind, e.priority, e.phase, e.n, e.version,
         to_timestamp(e."sinceMs" / 1000.0), to_timestamp(e."announcedMs" / 1000.0), to_timestamp(e."endedMs" / 1000.0), to_timestamp(e."firstAcknowledgedMs" / 1000.0),
         e."acknowledgedBy", e.note, e.value, e.worst, e."limit", e.questionable, e."endedWhy"
  from jsonb_to_recordset($1::jsonb) as e(id uuid, "subjectKind" text, "subjectId" text, site text, "wardId" text, "bedId" text, "stayId" uuid, "deviceId" text, mode text,
       condition text, kind text, priority text, phase text, n int, version int, "sinceMs" float8, "announcedMs" float8, "endedMs" float8, "firstAcknowledgedMs" float8,
       "acknowledgedBy" text, note text, value real, worst real, "limit" real, questionable boolean, "endedWhy" text)
  on conflict (id) do update set priority = excluded.priority, phase = excluded.phase, n = excluded.n, version = excluded.version, announced_at = excluded.announced_at,
       ended_at = excluded.ended_at, first_acknowledged_at = excluded.first_acknowledged_at, acknowledged_by = excluded.acknowledged_by, note = excluded.note,
       worst = excluded.worst, questionable = excluded.questionable, ended_why = excluded.ended_why
  where a.n < excluded.n`

/** What was never announced to anybody is no alarm: it stays in the log alone. */
const CANCELLED = 'delete from alarm where id in (select (e->>\'id\')::uuid from jsonb_array_elements($1::jsonb) e) and announced_at is null'

const NOTICES = `
  insert into alarm_notice as t (id, alarm_id, recipient, step, channel, state, tries, at, why)
  select e.id, e."alarmId", e.recipient, e.step, e.channel, e.state, e.tries, to_timestamp(e."atMs" / 1000.0), e.why
  from jsonb_to_recordset($1::jsonb) as e(id uuid, "alarmId" uuid, recipient text, step text, channel text, state text, tries int, "atMs" float8, why text)
  on conflict (id) do update set state = excluded.state, tries = excluded.tries, at = excluded.at, why = excluded.why where t.at <= excluded.at`

const REVIEWS = `
  insert into alarm_review (id, stay_id, ward_id, bed_id, device_id, condition, priority, from_at, to_at, worst, lim, received_at)
  select e.id, e."stayId", e."wardId", e."bedId", e."deviceId", e.condition, e.priority, to_timestamp(e."fromMs" / 1000.0), to_timestamp(e."toMs" / 1000.0), e.worst, e."limit",
         to_timestamp(e."receivedMs" / 1000.0)
  from jsonb_to_recordset($1::jsonb) as e(id uuid, "stayId" uuid, "wardId" text, "bedId" text, "deviceId" text, condition text, priority text, "fromMs" float8, "toMs" float8,
       worst real, "limit" real, "receivedMs" float8)
  on conflict (id) do nothing`
