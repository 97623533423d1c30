import { join } from 'node:path'
import type { Clock } from '@vigil/contract'
import { ensureSecrets, type Log } from '@vigil/program'
import { askLong } from '../db/long-question.ts'
import { ANCHOR_FILE, readAnchors } from './anchors.ts'
import { chainKey } from './chain.ts'
import { readingChain } from './chain-pg.ts'
import { type ChainVerdict, verifyChain } from './verify-chain.ts'

const QUERY_LIMIT_MS = 60_000

/**
 * Verifies the whole audit from outside a running station, with the key and the anchors of its data directory.
 * @throws AppError DATABASE_AWAY
 */
export async function verifyAudit({ databaseUrl, data, clock, log }: { databaseUrl: string; data: string; clock: Clock; log: Log }): Promise<ChainVerdict> {
  return askLong({ url: databaseUrl, clock, log, limitMs: QUERY_LIMIT_MS }, async (database) => {
    const anchors = await readAnchors(join(data, 'central', ANCHOR_FILE))
    return readingChain(database, (reader) => verifyChain(reader, chainKey(ensureSecrets(data).pepper), anchors))
  })
}
