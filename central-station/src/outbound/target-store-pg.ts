import type { OutboundDeliveryQuery } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import type { Target } from './outbound.ts'
import { TARGET_COLUMNS } from './outbound-store-pg.ts'
import type { TargetCounts, TargetStore, WrittenDelivery } from './targets.ts'

const COUNTS = `
  select target_id as "targetId", count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'delivered') as delivered,
         count(*) filter (where state = 'dead') as dead, min(created_at) filter (where state = 'waiting') as "oldestMs"
  from outbound_delivery group by target_id`

const DELIVERY_COLUMNS = `no, target_id as "targetId", event, subject, state, tries, created_at as "createdAtMs", next_at as "nextAtMs", ended_at as "endedAtMs", why, status, status_at as "statusAtMs"`

export function createTargetStore(database: Database): TargetStore {
  return {
    find: (id) => one<Target>(database, `select ${TARGET_COLUMNS} from outbound_target where id = $1`, [id]),
    counts: () => database.query<TargetCounts>(COUNTS),

    async add(target) {
      try {
        await database.query('insert into outbound_target (id, kind, name, settings, secret, events, wards, enabled, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, true, $8, $9)', [
          target.id, target.kind, target.name, JSON.stringify(target.settings), target.secret, target.events, target.wards, iso(target.createdAtMs), target.createdBy,
        ])
        return true
      } catch (error) {
        if (brokenConstraint(error) === 'outbound_target_name_key') return false
        throw error
      }
    },

    async change({ id, settings, events, wards, enabled }) {
      // What it was away for may be mended: it is tried at once.
      await database.query('update outbound_target set settings = $2, events = $3, wards = $4, enabled = $5, away_since = null, away_tries = 0, next_at = null, why = null where id = $1', [id, JSON.stringify(settings), events, wards, enabled])
    },

    async remove(id) {
      return (await database.query('delete from outbound_target where id = $1 returning id', [id])).length > 0
    },

    deliveries: (targetId, { state, before, limit = 100 }: OutboundDeliveryQuery) =>
      database.query<WrittenDelivery>(
        `select ${DELIVERY_COLUMNS} from outbound_delivery where target_id = $1 and ($2::text is null or state = $2) and ($3::int8 is null or no < $3) order by no desc limit $4`,
        [targetId, state ?? null, before ?? null, limit],
      ),

    again: (no, nowMs) => one<WrittenDelivery>(database, `update outbound_delivery set state = 'waiting', tries = 0, created_at = $2, next_at = $2, ended_at = null where no = $1 and state = 'dead' returning ${DELIVERY_COLUMNS}`, [no, iso(nowMs)]),
  }
}
