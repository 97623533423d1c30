import type { KeyObject } from 'node:crypto'
import { AppError, type AuditExportQuery, type AuditKey, type Clock, type ExportedAuditEntry } from '@vigil/contract'
import { readTimeRange } from '../history/time-range.ts'
import { iso } from '../iso.ts'
import type { Actor, AuditFilter } from './audit.ts'
import { describeKey, writeExport } from './signed-export.ts'
import type { ChainHead } from './verify-chain.ts'

/** Port: entries with their links, and where the chain ends, of one moment. */
export interface AuditExportStore {
  /** Oldest first. */
  linked(filter: AuditFilter): Promise<{ entries: readonly ExportedAuditEntry[]; head: ChainHead }>
}

export interface AuditExports {
  /** The filtered audit as a signed file. @throws AppError INVALID_RANGE, DATABASE_AWAY */
  make(query: AuditExportQuery, by: Actor): Promise<{ name: string; text: string; entries: number }>
  key(): AuditKey
}

/** Some 30 MB: one file is made and signed in memory. */
export const MOST_EXPORTED = 50_000

export function createAuditExports({ store, settle, key, clock }: { store: AuditExportStore; settle: () => Promise<void>; key: KeyObject; clock: Clock }): AuditExports {
  return {
    async make({ from, to, ...filter }, { username, role }) {
      // What was done a moment ago may still be on its way.
      await settle()
      const { entries, head } = await store.linked({ ...filter, ...readTimeRange({ from, to }), limit: MOST_EXPORTED + 1 })
      if (entries.length > MOST_EXPORTED) throw new AppError('INVALID_RANGE', `More than ${MOST_EXPORTED} entries fit this choice. Choose a shorter time, one person or one kind of action, and export in parts.`)
      const exportedAt = iso(clock.now())
      const asked = { from, to, ...filter }
      const said = Object.fromEntries(Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== undefined))
      const text = writeExport(key, { exportedAt, exportedBy: username, role, filter: said, chain: { seq: head.seq, hash: head.hash } }, entries)
      return { name: `audit-${exportedAt.slice(0, 19).replaceAll(/[-:]/g, '')}.jsonl`, text, entries: entries.length }
    },
    key: () => describeKey(key),
  }
}
