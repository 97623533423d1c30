import { AppError, type Permission } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { TokenFact, TokenStore } from './token-book.ts'

interface TokenRow {
  id: string
  hash: string
  name: string
  rights: Permission[]
  wards: string[] | null
  created_by: string
  created_at: number
  expires_at: number
  last_used_at: number | null
  revoked_at: number | null
  revoked_by: string | null
}

const COLUMNS = `id, encode(token_hash, 'hex') as hash, name, rights, wards, created_by, created_at, expires_at, last_used_at, revoked_at, revoked_by`
/** Those that ended longer ago are in the audit. */
const REMEMBERED = `greatest(expires_at, coalesce(revoked_at, expires_at)) > now() - interval '90 days'`

export function createTokenStore(database: Database): TokenStore {
  return {
    load: async () => (await database.query<TokenRow>(`select ${COLUMNS} from access_token where ${REMEMBERED} order by created_at desc`)).map(toFact),
    async add({ id, hash, name, rights, wards, createdBy, createdAtMs, expiresAtMs }) {
      await database.query(
        `insert into access_token (id, token_hash, name, rights, wards, created_by, created_at, expires_at) values ($1, decode($2, 'hex'), $3, $4, $5, $6, $7, $8)`,
        [id, hash, name, rights, wards, createdBy, iso(createdAtMs), iso(expiresAtMs)],
      )
    },
    async revoke(id, atMs, by) {
      const row = await one<TokenRow>(database, `update access_token set revoked_at = coalesce(revoked_at, $2), revoked_by = coalesce(revoked_by, $3) where id = $1 returning ${COLUMNS}`, [id, iso(atMs), by])
      if (!row) throw new AppError('NOT_FOUND', 'There is no such token.')
      return toFact(row)
    },
    async touch(used) {
      await database.query(
        `update access_token t set last_used_at = greatest(t.last_used_at, to_timestamp(u.ms / 1000.0)) from jsonb_to_recordset($1::jsonb) as u(id uuid, ms int8) where t.id = u.id`,
        [JSON.stringify([...used].map(([id, ms]) => ({ id, ms })))],
      )
    },
  }
}

function toFact(row: TokenRow): TokenFact {
  return {
    id: row.id, hash: row.hash, name: row.name, rights: row.rights, wards: row.wards, createdBy: row.created_by, createdAtMs: row.created_at,
    expiresAtMs: row.expires_at, lastUsedMs: row.last_used_at, revokedAtMs: row.revoked_at, revokedBy: row.revoked_by,
  }
}
