import type { Alarm } from '@vigil/contract'
import type { Database } from '../../db/database.ts'
import { field, iso } from '../../iso.ts'
import type { Registry } from '../../registry/registry.ts'
import type { AlarmArchive } from '../alarm-desk.ts'
import { lifeOf } from './alarm-life-pg.ts'
import { noticesOf, type NoticeRow } from './alarm-notices-pg.ts'
import { alarmView } from '../alarm-view.ts'
import type { Episode } from './episode.ts'

/** Columns of an `Episode`, from table `alarm a`. */
export const EPISODE_COLUMNS = `a.id, a.subject_kind as "subjectKind", a.subject_id as "subjectId", a.site, a.ward_id as "wardId", a.bed_id as "bedId", a.stay_id as "stayId", a.device_id as "deviceId",
  a.mode, a.condition, a.kind, a.priority, a.phase, a.n, a.version, a.since_at as "sinceMs", a.announced_at as "announcedMs", a.ended_at as "endedMs",
  a.first_acknowledged_at as "firstAcknowledgedMs", a.acknowledged_by as "acknowledgedBy", a.note, a.value, a.worst, a.lim as "limit", a.questionable, a.ended_why as "endedWhy"`

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
    life: (alarm) => lifeOf(database, alarm),
  }
}

function toDelivery({ recipient, step, channel, state, tries, at, why }: NoticeRow): Alarm['deliveries'][number] {
  return { recipient, step, channel, state, tries, at: iso(at), ...field('why', why) }
}
