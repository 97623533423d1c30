import type { Chain } from '../audit/chain-pg.ts'
import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { GlassFact, GlassStore } from './glass.ts'

export function createGlassStore({ database, chain }: { database: Database; chain: Chain }): GlassStore {
  return {
    load: () =>
      database.query<GlassFact>(
        `select g.id, g.account_id as "accountId", a.username, a.display_name as "displayName", a.role, g.ward_id as "wardId", g.reason, g.from_at as "fromMs", g.until_at as "untilMs", g.ended_at as "endedMs", g.ended_by as "endedBy"
         from break_glass g join account a on a.id = g.account_id where g.until_at > now() - interval '30 days' order by g.from_at desc`,
      ),
    add: ({ id, accountId, wardId, reason, fromMs, untilMs }, record) =>
      chain.with(record, async (queries) => void (await queries.query('insert into break_glass (id, account_id, ward_id, reason, from_at, until_at) values ($1, $2, $3, $4, $5, $6)', [id, accountId, wardId, reason, iso(fromMs), iso(untilMs)]))),
    end: (id, atMs, by, record) =>
      chain.with(record, async (queries) => void (await queries.query('update break_glass set ended_at = coalesce(ended_at, $2), ended_by = coalesce(ended_by, $3) where id = $1', [id, iso(atMs), by]))),
  }
}
