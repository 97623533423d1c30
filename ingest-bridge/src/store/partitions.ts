import type { Database } from './connection.ts'

export const DAY_MS = 86_400_000

export function dayOf(t: number): number {
  return Math.floor(t / DAY_MS)
}

export interface Partitions {
  /** Makes sure that what is of these days (days since 1970, UTC) has a place. */
  ensure(days: Iterable<number>): Promise<void>
  forget(): void
}

/**
 * Day partitions, remembered once seen. Each is made in a transaction of its own: one of the batch's would hold locks against
 * every other bridge until its end, and a device with a wild clock would use up the lock table.
 */
export function createPartitions(database: Database, of: 'sample' | 'waveform' = 'sample'): Partitions {
  const there = new Set<number>()
  return {
    async ensure(days) {
      for (const day of new Set(days)) {
        if (there.has(day)) continue
        const date = new Date(day * DAY_MS).toISOString().slice(0, 10)
        await database.use((connection) => connection.query({ name: `partition-${of}`, text: `select ensure_${of}_partition($1::date)`, values: [date] }))
        there.add(day)
      }
    },
    forget: () => there.clear(),
  }
}
