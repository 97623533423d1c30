import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { doneWithin } from '../time-limit.ts'
import type { Database } from './database.ts'
import { openDatabase } from './database-pool.ts'

const CONNECT_LIMIT_MS = 5_000

/** Asks on a connection of its own what may take longer than any question of a screen. @throws AppError DATABASE_AWAY */
export async function askLong<T>({ url, clock, log, limitMs }: { url: string; clock: Clock; log: Log; limitMs: number }, run: (database: Database) => Promise<T>): Promise<T> {
  const database = openDatabase({ url, clock, log, connections: 1, queryTimeoutMs: limitMs })
  try {
    await doneWithin(clock, CONNECT_LIMIT_MS, new Promise<void>((resolve) => {
      database.health.onChange(() => resolve())
    }))
    return await run(database)
  } finally {
    await database.stop()
  }
}
