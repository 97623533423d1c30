import type { Database, Queries } from '../db/database.ts'
import { iso } from '../iso.ts'
import { readHappenings } from './happenings-pg.ts'
import type { Delivery, NewDelivery, OutboundStore, Settled, Target } from './outbound.ts'

export const TARGET_COLUMNS = `id, kind, name, settings, secret, events, wards, enabled, created_at as "createdAtMs", created_by as "createdBy",
  away_since as "awaySinceMs", away_tries as "awayTries", next_at as "nextAtMs", why`

/** At a time: an alarm storm is laid out piece by piece. */
const EVENTS_AT_ONCE = 500

const PUT = `
  insert into outbound_delivery (target_id, key, event, subject, body, created_at, next_at)
  select d."targetId", d.key, d.event, d.subject, d.body, $2, $2
  from rows from (jsonb_to_recordset($1::jsonb) as ("targetId" uuid, key text, event text, subject text, body text)) with ordinality as d("targetId", key, event, subject, body, n)
  join outbound_target t on t.id = d."targetId" order by d.n
  on conflict (target_id, key) do nothing returning no`

const LEASE = `
  update outbound_target set leased_by = $1, leased_until = $3
  where enabled and (next_at is null or next_at <= $2) and (leased_until is null or leased_until < $2 or leased_by = $1)
    and exists (select from outbound_delivery d where d.target_id = outbound_target.id and d.state = 'waiting' and d.next_at <= $2)
  returning ${TARGET_COLUMNS}`

/** Targets and their lines in PostgreSQL. */
export function createOutboundStore(database: Database): OutboundStore {
  return {
    targets: () => database.query<Target>(`select ${TARGET_COLUMNS} from outbound_target order by name`),

    layOut: (compose, nowMs) =>
      database.transaction(async (queries) => {
        const happenings = await readHappenings(queries, EVENTS_AT_ONCE)
        if (happenings.nos.length === 0) return 0
        const targets = await queries.query<Target>(`select ${TARGET_COLUMNS} from outbound_target where enabled`)
        const deliveries = happenings.found.flatMap((happening) =>
          targets.flatMap((target): NewDelivery[] => {
            const made = compose(target, happening)
            return made ? [{ targetId: target.id, key: happening.key, event: happening.event, ...made }] : []
          }),
        )
        const count = await put(queries, deliveries, nowMs)
        await queries.query('delete from outbound_event where no = any($1::int8[])', [happenings.nos])
        return count
      }),

    put: (deliveries, nowMs) => put(database, deliveries, nowMs),

    lease: (holder, nowMs, untilMs) => database.query<Target>(LEASE, [holder, iso(nowMs), iso(untilMs)]),

    async release(targetId, holder) {
      await database.query('update outbound_target set leased_until = null where id = $1 and leased_by = $2', [targetId, holder])
    },

    due: (targetId, nowMs, limit) =>
      database.query<Delivery>(
        `select no, key, event, subject, body, created_at as "createdAtMs", tries from outbound_delivery where target_id = $1 and state = 'waiting' and next_at <= $2 order by no limit $3`,
        [targetId, iso(nowMs), limit],
      ),

    settle: (targetId, no, outcome, nowMs) =>
      database.transaction(async (queries) => {
        const { state } = outcome
        await queries.query('update outbound_delivery set state = $2, tries = tries + 1, why = $3, next_at = coalesce($4, next_at), ended_at = $5 where no = $1', [
          no, state, 'why' in outcome ? outcome.why : null, nextOf(outcome), state === 'waiting' ? null : iso(nowMs),
        ])
        // It answered, whatever it said: it is there.
        await queries.query('update outbound_target set away_since = null, away_tries = 0, next_at = null, why = null where id = $1 and away_since is not null', [targetId])
      }),

    async away(targetId, why, nextAtMs, nowMs) {
      await database.query('update outbound_target set away_since = coalesce(away_since, $2), away_tries = away_tries + 1, next_at = $3, why = $4 where id = $1', [targetId, iso(nowMs), iso(nextAtMs), why])
    },

    async status(targetId, { no, subject }, status, nowMs) {
      await database.query(
        `update outbound_delivery set status = $2, status_at = $3
         where no = (select no from outbound_delivery where target_id = $1 and (no = $4 or ($4::int8 is null and subject = $5)) order by no desc limit 1)`,
        [targetId, status, iso(nowMs), no ?? null, subject ?? null],
      )
    },

    async tidy({ waitingBeforeMs, deliveredBeforeMs, deadBeforeMs }, nowMs) {
      const givenUp = await database.query(
        `update outbound_delivery set state = 'dead', ended_at = $2, why = 'waited too long for its target; ' || coalesce(why, 'never tried') where state = 'waiting' and created_at < $1 returning no`,
        [iso(waitingBeforeMs), iso(nowMs)],
      )
      const dropped = await database.query(`delete from outbound_delivery where (state = 'delivered' and ended_at < $1) or (state = 'dead' and ended_at < $2) returning no`, [iso(deliveredBeforeMs), iso(deadBeforeMs)])
      return { givenUp: givenUp.length, dropped: dropped.length }
    },

    async waiting() {
      const [row] = await database.query<{ n: number }>(`select count(*) as n from outbound_delivery where state = 'waiting'`)
      return row?.n ?? 0
    },
  }
}

async function put(queries: Queries, deliveries: readonly NewDelivery[], nowMs: number): Promise<number> {
  if (deliveries.length === 0) return 0
  return (await queries.query(PUT, [JSON.stringify(deliveries), iso(nowMs)])).length
}

function nextOf(outcome: Settled): string | null {
  return outcome.state === 'waiting' ? iso(outcome.nextAtMs) : null
}
