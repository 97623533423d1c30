import { AppError, type Clock, type ReviewItem } from '@vigil/contract'
import type { Priority } from '@vigil/contract/alarms'
import type { Database } from '../../db/database.ts'
import { field, iso, isoField } from '../../iso.ts'
import type { Registry } from '../../registry/registry.ts'
import type { LateList } from './late-list.ts'

interface Row {
  id: string
  stay_id: string
  ward_id: string | null
  bed_id: string | null
  condition: string
  priority: Priority
  from_at: number
  to_at: number
  worst: number
  lim: number
  received_at: number
  seen_at: number | null
  seen_by: string | null
}

const MOST = 500

export function createLateList({ database, registry, clock }: { database: Pick<Database, 'query'>; registry: Registry; clock: Clock }): LateList {
  const toItem = (row: Row): ReviewItem => ({
    id: row.id, stayId: row.stay_id, condition: row.condition, priority: row.priority, from: iso(row.from_at), to: iso(row.to_at), worst: row.worst, limit: row.lim, receivedAt: iso(row.received_at),
    ...field('wardId', row.ward_id), ...field('bedId', row.bed_id), ...field('patient', registry.now().stays.get(row.stay_id)?.patient), ...isoField('seenAt', row.seen_at), ...field('seenBy', row.seen_by),
  })
  return {
    async unseen({ ward, stay }, wards) {
      const rows = await database.query<Row>(
        'select * from alarm_review where seen_at is null and ($1::text is null or ward_id = $1) and ($2::uuid is null or stay_id = $2) and ($4::text[] is null or ward_id is null or ward_id = any($4)) order by from_at desc limit $3',
        [ward ?? null, stay ?? null, MOST, wards],
      )
      return { items: rows.map(toItem) }
    },
    async seen(id, by) {
      const [row] = await database.query<Row>('update alarm_review set seen_at = coalesce(seen_at, $2), seen_by = coalesce(seen_by, $3) where id = $1 returning *', [id, iso(clock.now()), by])
      if (!row) throw new AppError('NOT_FOUND', 'There is no such line on the list.')
      return toItem(row)
    },
  }
}
