import { createHash } from 'node:crypto'
import type { Clock } from '@vigil/contract'
import type { DeadItem } from '../pipeline/item.ts'
import type { DeadRow } from './side-rows.ts'

/** The same bytes from the same topic for the same reason again within the hour teach nothing new. */
const SAME_WITHIN_MS = 60 * 60_000
const REMEMBERED = 5_000
/** Different broken messages kept of one topic a minute; more is a device gone wild, and would fill the disk. */
const KEPT_PER_MINUTE = 60
const MINUTE_MS = 60_000

export interface DeadLetterBook {
  /** Those of a batch that are worth a row. The others are counted by the caller, not kept. */
  select(rows: readonly DeadRow[]): readonly DeadRow[]
  /** Remembers what was committed, so that it is known next time. */
  remember(rows: readonly DeadRow[]): void
}

/**
 * Keeps a device that repeats its broken message for ever from filling the table. Only for letters without a number: one with a
 * number comes once, because the ledger has it then.
 */
export function createDeadLetterBook(clock: Clock): DeadLetterBook {
  const seen = new Map<string, number>()
  const minutes = new Map<string, { since: number; kept: number }>()

  const keptThisMinute = (topic: string): number => {
    const minute = minutes.get(topic)
    return minute && clock.monotonic() - minute.since < MINUTE_MS ? minute.kept : 0
  }

  return {
    select(rows) {
      const inBatch = new Set<string>()
      const room = new Map<string, number>()
      return rows.filter(({ item }) => {
        if (item.key) return true
        const print = fingerprint(item)
        const seenAt = seen.get(print)
        const left = room.get(item.from.topic) ?? KEPT_PER_MINUTE - keptThisMinute(item.from.topic)
        if (inBatch.has(print) || left <= 0 || (seenAt !== undefined && clock.monotonic() - seenAt < SAME_WITHIN_MS)) return false
        inBatch.add(print)
        room.set(item.from.topic, left - 1)
        return true
      })
    },
    remember(rows) {
      const now = clock.monotonic()
      for (const { item } of rows) {
        if (item.key) continue
        trim(seen)
        seen.set(fingerprint(item), now)
        const kept = keptThisMinute(item.from.topic)
        trim(minutes)
        minutes.set(item.from.topic, kept === 0 ? { since: now, kept: 1 } : { since: minutes.get(item.from.topic)?.since ?? now, kept: kept + 1 })
      }
    },
  }
}

function trim(map: Map<string, unknown>): void {
  if (map.size >= REMEMBERED) map.delete(map.keys().next().value as string)
}

function fingerprint({ from, code, payload }: DeadItem): string {
  return createHash('sha1').update(`${from.topic} ${code} `).update(payload).digest('base64')
}
