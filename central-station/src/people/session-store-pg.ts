import type { Chain } from '../audit/chain-pg.ts'
import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import { ACCOUNT_COLUMNS, toAccount, type AccountRow } from './account-store-pg.ts'
import type { SessionStore } from './session-book.ts'
import type { SessionKind } from './session-life.ts'

interface SessionRow extends AccountRow {
  id: string
  kind: SessionKind
  created_at: number
  last_used_at: number
  expires_at: number
  origin: string
  locked_at: number | null
}

export function createSessionStore({ database, chain }: { database: Database; chain: Chain }): SessionStore {
  return {
    async load() {
      const rows = await database.query<SessionRow>(
        `select encode(s.token_hash, 'hex') as id, s.kind, s.created_at, s.last_used_at, s.expires_at, s.origin, s.locked_at, ${ACCOUNT_COLUMNS}
         from session s join account a on a.id = s.account_id`,
      )
      return rows.map((row) => ({
        id: row.id,
        account: toAccount(row),
        kind: row.kind,
        createdAtMs: row.created_at,
        lastUsedMs: row.last_used_at,
        expiresAtMs: row.expires_at,
        origin: row.origin,
        lockedMs: row.locked_at,
      }))
    },
    async add({ id, account, kind, createdAtMs, lastUsedMs, expiresAtMs, origin }) {
      await database.query(
        `insert into session (token_hash, account_id, kind, created_at, last_used_at, expires_at, origin) values (decode($1, 'hex'), $2, $3, $4, $5, $6, $7)`,
        [id, account.id, kind, iso(createdAtMs), iso(lastUsedMs), iso(expiresAtMs), origin],
      )
    },
    async remove(id) {
      await database.query(`delete from session where token_hash = decode($1, 'hex')`, [id])
    },
    lock: (id, atMs, record) => chain.with(record, async (queries) => void (await queries.query(`update session set locked_at = $2 where token_hash = decode($1, 'hex')`, [id, atMs === null ? null : iso(atMs)]))),
    async unlocked(ids) {
      await database.query(`update session set locked_at = null where encode(token_hash, 'hex') = any($1)`, [ids])
    },
    async touch(used, nowMs) {
      await database.query(
        `update session s set last_used_at = greatest(s.last_used_at, to_timestamp(u."lastUsedMs" / 1000.0))
         from jsonb_to_recordset($1::jsonb) as u(id text, "lastUsedMs" int8) where s.token_hash = decode(u.id, 'hex')`,
        [JSON.stringify(used.map(({ id, lastUsedMs }) => ({ id, lastUsedMs })))],
      )
      await database.query('delete from session where expires_at <= $1', [iso(nowMs)])
    },
  }
}
