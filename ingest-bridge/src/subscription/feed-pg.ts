import { AppError } from '@vigil/contract'
import { type Connection, createConnection } from '../store/connection.ts'
import { unpackEntries } from './feed-entry.ts'
import type { Cursor, FeedRow } from './group-line.ts'

/** First half of the advisory lock by which one bridge at a time serves a group; the second is the group's number. */
const LEASE = 7_233_011

const JOIN = `
insert into consumer_group as g (id, position, expires_at)
select $1, coalesce((select max(position) from feed), (select case when is_called then last_value else 0 end from feed_position)), now() + $2 * interval '1 ms'
on conflict (id) do update set
  -- Nothing was kept for it meanwhile: it begins anew, and that is counted.
  lapses = g.lapses + case when g.expires_at < now() then 1 else 0 end,
  position = case when g.expires_at < now() then greatest(g.position, excluded.position) else g.position end,
  taken = case when g.expires_at < now() then 0 else g.taken end,
  expires_at = excluded.expires_at
returning no`
const LOCK = 'select pg_try_advisory_lock($1, $2) as taken'
const UNLOCK = 'select pg_advisory_unlock($1, $2)'
const CURSOR = 'select position::float8, taken from consumer_group where id = $1'
// Always one row, and further ones as long as they fit into the bytes.
const READ = `
select position::float8, body from (
  select position, body, sum(octet_length(body)) over (order by position) - octet_length(body) as before
  from (select position, body from feed where position > $1 order by position limit $2) as f) as f
where before < $3 order by position`
const MOVE = `
update consumer_group set position = $2, taken = $3, rejected = rejected + $4, expires_at = now() + $5 * interval '1 ms'
where id = $1 and (position, taken) <= ($2, $3)`
// What every group has, and what is older than is kept; groups that had not come so far are moved on, and told how much they missed.
const PRUNE = `
with gone as (
  delete from feed
  where position <= (select coalesce(min(position), 0) from consumer_group where expires_at > now())
    or at < now() - $1 * interval '1 ms'
    or not exists (select from consumer_group where expires_at > now())
  returning position, messages),
behind as (
  select g.id, max(gone.position) as position, sum(gone.messages) - g.taken as messages
  from consumer_group g join gone on gone.position > g.position
  where g.expires_at > now() group by g.id, g.taken)
update consumer_group g set position = behind.position, taken = 0, missed = missed + behind.messages
from behind where behind.id = g.id
returning g.id, behind.messages::float8 as messages`

const ROWS_AT_ONCE = 500

export interface Lease {
  readonly group: string
  readonly no: number
  readonly cursor: Cursor
  /** The database session that holds the lock. */
  readonly session: number
}

export interface FeedStore {
  /** Takes the group for this bridge, making it if it is new. `undefined`: another bridge serves it. */
  lease(group: string): Promise<Lease | undefined>
  /** Rows behind a position, at most so many bytes and one row at least. @throws AppError `DATABASE_AWAY` when the lease is lost. */
  read(lease: Lease, after: number, bytes: number): Promise<readonly FeedRow[]>
  /** Writes how far the group has come. @throws AppError `DATABASE_AWAY` when the lease is lost. */
  move(lease: Lease, cursor: Cursor, rejected: number): Promise<void>
  release(lease: Lease): Promise<void>
  /** Removes what nobody needs any more. Answers which groups missed how many messages. */
  prune(): Promise<readonly { readonly id: string; readonly messages: number }[]>
  abort(): void
  close(): Promise<void>
}

export function createFeedStore({ url, keptMs }: { url: string; keptMs: number }): FeedStore {
  let session = 0
  const database = createConnection({ url, name: 'vigil-bridge-feed', onConnected: () => (session += 1) })

  /** A lost session has lost its lock, and another bridge may serve the group by now. */
  const holding = <T>(lease: Lease, run: (connection: Connection) => Promise<T>): Promise<T> =>
    database.use((connection) => {
      if (lease.session !== session) throw new AppError('DATABASE_AWAY', 'The connection that held the consumer group was lost.')
      return run(connection)
    })

  return {
    lease: (group) =>
      database.use(async (connection) => {
        const [joined] = await connection.query<{ no: number }>({ name: 'group-join', text: JOIN, values: [group, keptMs] })
        const no = joined?.no ?? 0
        const [lock] = await connection.query<{ taken: boolean }>({ name: 'group-lock', text: LOCK, values: [LEASE, no] })
        if (!lock?.taken) return undefined
        // Only now: whoever had the group before may have moved it on until the moment it let go.
        const [row] = await connection.query<Cursor>({ name: 'group-cursor', text: CURSOR, values: [group] })
        return { group, no, cursor: { position: row?.position ?? 0, taken: row?.taken ?? 0 }, session }
      }),
    read: (lease, after, bytes) =>
      holding(lease, async (connection) => {
        const rows = await connection.query<{ position: number; body: string }>({ name: 'feed-read', text: READ, values: [after, ROWS_AT_ONCE, Math.max(1, bytes)] })
        return rows.map(({ position, body }) => ({ position, bytes: body.length, entries: unpackEntries(body) }))
      }),
    move: (lease, { position, taken }, rejected) =>
      holding(lease, async (connection) => {
        await connection.query({ name: 'group-move', text: MOVE, values: [lease.group, position, taken, rejected, keptMs] })
      }),
    release: (lease) =>
      holding(lease, async (connection) => {
        await connection.query({ name: 'group-unlock', text: UNLOCK, values: [LEASE, lease.no] })
      }),
    prune: () => database.use((connection) => connection.query<{ id: string; messages: number }>({ name: 'feed-prune', text: PRUNE, values: [keptMs] })),
    abort: () => database.abort(),
    close: () => database.close(),
  }
}
