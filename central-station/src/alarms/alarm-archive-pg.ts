import type { Alarm, AlarmEvent } from '@vigil/contract'
import type { Priority } from '@vigil/contract/alarms'
import type { Database, Queries } from '../db/database.ts'
import { field, iso, isoField } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import type { AlarmArchive } from './alarm-desk.ts'
import { alarmView } from './alarm-view.ts'
import type { Episode } from './episode.ts'

/** Columns of an `Episode`, from table `alarm a`. */
export const EPISODE_COLUMNS = `a.id, a.subject_kind as "subjectKind", a.subject_id as "subjectId", a.site, a.ward_id as "wardId", a.bed_id as "bedId", a.stay_id as "stayId", a.device_id as "deviceId",
  a.mode, a.condition, a.kind, a.priority, a.phase, a.n, a.version, a.since_at as "sinceMs", a.announced_at as "announcedMs", a.ended_at as "endedMs",
  a.first_acknowledged_at as "firstAcknowledgedMs", a.acknowledged_by as "acknowledgedBy", a.note, a.value, a.worst, a.lim as "limit", a.questionable, a.ended_why as "endedWhy"`

interface NoticeRow {
  alarm_id: string
  recipient: string
  step: string
  channel: 'webhook' | 'ntfy' | 'smtp'
  state: 'waiting' | 'sent' | 'delivered' | 'failed'
  tries: number
  at: number
  why: string | null
}

/** Alarms of the past, from PostgreSQL. */
export function createAlarmArchive(database: Database, registry: Registry): AlarmArchive {
  const views = async (episodes: readonly Episode[]): Promise<Alarm[]> => {
    const notices = await noticesOf(database, episodes.map(({ id }) => id))
    return episodes.map((episode) => alarmView(episode, undefined, { world: registry.now(), deliveries: notices.filter((row) => row.alarm_id === episode.id).map(toDelivery) }))
  }
  return {
    async ended({ ward, stay, wards, fromMs, toMs, limit }) {
      return views(await database.query<Episode>(
        `select ${EPISODE_COLUMNS} from alarm a where phase = 'cleared' and announced_at >= $1 and announced_at < $2 and ($3::text is null or ward_id = $3) and ($4::uuid is null or stay_id = $4)
           and ($6::text[] is null or ward_id is null or ward_id = any($6))
         order by announced_at desc limit $5`,
        [iso(fromMs), iso(toMs), ward ?? null, stay ?? null, limit, wards],
      ))
    },
    async find(id) {
      return (await views(await database.query<Episode>(`select ${EPISODE_COLUMNS} from alarm a where id = $1`, [id])))[0]
    },
    events: async (id) => [...(await eventsOf(database, id)), ...(await noticesOf(database, [id])).map(toNoticeEvent)].sort((a, b) => a.at.localeCompare(b.at)),
  }
}

function noticesOf(database: Queries, ids: readonly string[]): Promise<NoticeRow[]> {
  return ids.length === 0 ? Promise.resolve([]) : database.query<NoticeRow>('select alarm_id, recipient, step, channel, state, tries, at, why from alarm_notice where alarm_id = any($1::uuid[]) order by at', [ids])
}

function toDelivery({ recipient, step, channel, state, tries, at, why }: NoticeRow): Alarm['deliveries'][number] {
  return { recipient, step, channel, state, tries, at: iso(at), ...field('why', why) }
}

function toNoticeEvent({ recipient, step, channel, state, at, why }: NoticeRow): AlarmEvent {
  return { n: 0, at: iso(at), what: `notice_${state}`, state: step, why: [`${channel} to ${recipient}`, ...(why === null ? [] : [why])].join(': ') }
}

interface EventRow {
  n: number
  at: number
  device_at: number | null
  what: string
  state: string
  username: string | null
  role: string | null
  origin: string | null
  why: string | null
  detail: { value?: number | null; worst?: number | null; limit?: number | null; priority?: Priority; version?: number }
}

async function eventsOf(database: Queries, id: string): Promise<AlarmEvent[]> {
  const rows = await database.query<EventRow>('select n, at, device_at, what, state, username, role, origin, why, detail from alarm_event where alarm_id = $1 order by n', [id])
  return rows.map(({ n, at, device_at, what, state, username, role, origin, why, detail }) => ({
    n, at: iso(at), what, state,
    ...field('version', detail.version), ...field('value', detail.worst ?? detail.value), ...field('limit', detail.limit), ...field('priority', detail.priority),
    ...isoField('deviceAt', device_at), ...field('by', username), ...field('role', role), ...field('origin', origin), ...field('why', why),
  }))
}
