import type { Database } from '../db/database.ts'
import type { DeviceMemoStore } from './device-memory.ts'

/** Another central station may have heard something newer: times only move forward. */
export function createDeviceMemoStore(database: Database): DeviceMemoStore {
  return {
    async write(memos) {
      const rows = JSON.stringify(memos)
      await database.transaction(async (queries) => {
        await queries.query(
          `update device d set state = coalesce(m.birth, d.state), state_at = case when m.birth is null then d.state_at else now() end,
                  last_seen = greatest(d.last_seen, to_timestamp(m."lastSeenMs" / 1000.0))
           from jsonb_to_recordset($1::jsonb) as m(id text, birth jsonb, "lastSeenMs" int8) where d.id = m.id`,
          [rows],
        )
        await queries.query(
          `insert into device_config (device_no, reported_version, reported, reported_errors, reported_at)
           select d.no, (m.reported->>'version')::int, m.reported->'set', m.reported->'errors', to_timestamp((m.reported->>'atMs')::int8 / 1000.0)
           from jsonb_to_recordset($1::jsonb) as m(id text, reported jsonb) join device d on d.id = m.id
           where m.reported is not null
           on conflict (device_no) do update set reported_version = excluded.reported_version, reported = excluded.reported,
             reported_errors = excluded.reported_errors, reported_at = excluded.reported_at
           where device_config.reported_at is null or device_config.reported_at <= excluded.reported_at`,
          [rows],
        )
      })
    },
  }
}
