import { join } from 'node:path'
import type { Clock } from '@vigil/contract'
import { ensureSecrets, type Log } from '@vigil/program'
import { openDatabase } from '../db/database-pool.ts'
import { doneWithin } from '../time-limit.ts'
import { ANCHOR_FILE, readAnchors } from './anchors.ts'
import { chainKey } from './chain.ts'
import { readingChain } from './chain-pg.ts'
import { type ChainVerdict, verifyChain } from './verify-chain.ts'

const CONNECT_LIMIT_MS = 5_000
const QUERY_LIMIT_MS = 60_000

/**
 * Verifies the whole audit from outside a running station, with the key and the anchors of its data directory.
 * @throws AppError DATABASE_AWAY
 */
export async function verifyAudit({ databaseUrl, data, clock, log }: { databaseUrl: string; data: string; clock: Clock; log: Log }): Promise<ChainVerdict> {
  const database = openDatabase({ url: databaseUrl, clock, log, connections: 1, queryTimeoutMs: QUERY_LIMIT_MS })
  try {
    await doneWithin(clock, CONNECT_LIMIT_MS, new Promise<void>((resolve) => {
      database.health.onChange(() => resolve())
    }))
    const anchors = await readAnchors(join(data, 'central', ANCHOR_FILE))
    return await readingChain(database, (reader) => verifyChain(reader, chainKey(ensureSecrets(data).pepper), anchors))
  } finally {
    await database.stop()
  }
}
