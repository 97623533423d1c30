import { randomBytes } from 'node:crypto'
import { isAppError } from '@vigil/contract/errors'
import type { AgentLog } from '../core/agent-ports.ts'
import { memorySpoolStore } from '../spool/memory-spool-store.ts'
import { openSqliteSpool, type SqliteSpoolOptions } from '../spool/open-sqlite-spool.ts'
import type { SpoolStore } from '../spool/spool-store.ts'

/** An hour at one object a second. */
const KEPT_IN_MEMORY = 3_600

/**
 * The board's spool. A disk that cannot hold one (full to the last byte, read-only, worn out) must not keep a patient from being watched:
 * then an hour is kept in memory, under an epoch of its own, and the board says so.
 *
 * @throws AppError `START_FAILED` when another agent has this spool.
 */
export function openSpool(options: SqliteSpoolOptions, log: AgentLog): SpoolStore {
  try {
    return openSqliteSpool(options)
  } catch (error) {
    if (isAppError(error)) throw error
    const inMemoryBecause = error instanceof Error ? error.message : String(error)
    log('spool.in_memory', { path: options.path, why: inMemoryBecause })
    return { ...memorySpoolStore({ epoch: randomBytes(4).toString('hex'), capacity: KEPT_IN_MEMORY }), inMemoryBecause }
  }
}
