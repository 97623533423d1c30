import type { StorableItem } from '../pipeline/item.ts'
import { entryOf, packEntries } from '../subscription/feed-entry.ts'
import type { Connection } from './connection.ts'

/** Whether anybody wants to be told of what is stored. */
export const IS_FED = 'select exists (select from consumer_group where expires_at > now()) as wanted'

/** Appends what the batch stored to the feed of the consumer groups. The last statement before the COMMIT: it holds a lock until then. */
export async function appendToFeed(connection: Connection, items: readonly StorableItem[]): Promise<void> {
  const entries = items.map(entryOf).filter((entry) => entry !== undefined)
  if (entries.length === 0) return
  await connection.query({ name: 'feed-append', text: 'select feed_append($1, $2)', values: [entries.length, packEntries(entries)] })
}
