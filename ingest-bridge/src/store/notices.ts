import type { Clock } from '@vigil/contract'
import type { Notice } from '../pipeline/notice.ts'
import type { Database } from './connection.ts'
import { addressKey } from './device-registry.ts'

const EVERY_MS = 2_000
/** Devices times kinds remembered between two writes; more than a site has. */
const REMEMBERED = 20_000

const UPSERT = `
insert into device_notice as n (device_no, kind, count, detail)
select d.no, b.kind, b.count, b.detail::jsonb
from unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::text[]) as b (site, id, kind, count, detail)
join device d on d.id = b.id and d.site = b.site
order by d.no, b.kind
on conflict (device_no, kind) do update set last_at = now(), count = n.count + excluded.count, detail = excluded.detail`

export interface NoticeWriter {
  add(notice: Notice): void
  /** Writes what has gathered; keeps it for the next time when the database is away. */
  flush(): Promise<void>
  stop(): void
}

/**
 * Notices beside the data, not in its transaction: a device with a wrong clock gives one per sample, which is counted here and
 * written as one row every two seconds.
 */
export function createNoticeWriter({ database, clock, onFailure }: { database: Database; clock: Clock; onFailure: (error: unknown) => void }): NoticeWriter {
  let gathered = new Map<string, Notice & { count: number }>()

  const add = (notice: Notice, count: number) => {
    const key = `${addressKey(notice.address)} ${notice.kind}`
    const earlier = gathered.get(key)
    if (!earlier && gathered.size >= REMEMBERED) return
    gathered.set(key, { ...notice, count: count + (earlier?.count ?? 0) })
  }

  const flush = async (): Promise<void> => {
    if (gathered.size === 0) return
    const rows = [...gathered.values()]
    gathered = new Map()
    try {
      await database.use((connection) =>
        connection.query({
          name: 'notices',
          text: UPSERT,
          values: [
            rows.map((r) => r.address.site),
            rows.map((r) => r.address.device),
            rows.map((r) => r.kind),
            rows.map((r) => r.count),
            rows.map((r) => JSON.stringify(r.detail)),
          ],
        }),
      )
    } catch (error) {
      const newer = gathered
      gathered = new Map()
      for (const row of [...rows, ...newer.values()]) add(row, row.count)
      onFailure(error)
    }
  }

  const stop = clock.every(EVERY_MS, () => void flush())
  return { add: (notice) => add(notice, 1), flush, stop }
}
