import type { StorableItem } from '../pipeline/item.ts'
import { entryOf, packEntries } from '../subscription/feed-entry.ts'
import type { Connection } from './connection.ts'

/** Begins a transaction, and asks in the same round trip whether anybody wants to be told of it. */
const BEGIN = 'begin; select exists (select from consumer_group where expires_at > now()) as wanted'

export async function beginFed(connection: Connection): Promise<{ readonly wanted: boolean }> {
  const [row] = await connection.query<{ wanted: boolean }>({ text: BEGIN })
  return { wanted: row?.wanted ?? false }
}

/** Appends what the batch stored to the feed of the consumer groups. The last statement before the COMMIT: it holds a lock until then. */
export async function appendToFeed(connection: Connection, items: readonly StorableItem[]): Promise<void> {
  const entries = items.map(entryOf).filter((entry) => entry !== undefined)
  if (entries.length === 0) return
  await connection.query({ name: 'feed-append', text: 'select feed_append($1, $2)', values: [entries.length, packEntries(entries)] })
}
