import type { AuditList, AuditQuery, Clock } from '@vigil/contract'
import type { Journal, JournalRecord } from '../files/journal.ts'
import { readTimeRange } from '../history/time-range.ts'
import { uuidv7 } from '../ids.ts'

/** Who did it, from where. */
export interface Actor {
  /** `null` for the central station itself and for whoever could not sign in. */
  readonly accountId: string | null
  readonly username: string
  readonly role: string
  /** Address of the client. */
  readonly origin: string
  readonly requestId: string
}

/** What was read or changed. */
export interface Subject {
  readonly patientId?: string
  readonly stayId?: string
  readonly deviceId?: string
  readonly wardId?: string
  /** What changed or was asked for: names of fields, ranges, values of settings. No secrets, no names of patients. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface AuditRecord extends JournalRecord, Subject {
  readonly atMs: number
  readonly accountId: string | null
  readonly username: string
  readonly role: string
  readonly action: string
  readonly origin: string
  readonly requestId: string
}

/** Port: reads what was written. */
export interface AuditStore {
  find(query: AuditFilter): Promise<AuditList['entries']>
}

export interface AuditFilter extends Omit<AuditQuery, 'from' | 'to' | 'limit'> {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly limit: number
}

export interface Audit {
  /** Resolves when the record is safe on the local disk; it reaches PostgreSQL from there. */
  record(actor: Actor, action: string, subject: Subject): Promise<void>
  find(query: AuditQuery): Promise<AuditList>
}

export function recordOf({ accountId, username, role, origin, requestId }: Actor, action: string, subject: Subject, nowMs: number): AuditRecord {
  return { id: uuidv7(nowMs), atMs: nowMs, accountId, username, role, action, origin, requestId, ...subject }
}

/** What the central station does by itself. */
export const systemActor: Actor = { accountId: null, username: 'system', role: 'system', origin: '', requestId: '' }

const LIMIT = 100

export function createAudit({ journal, store, clock }: { journal: Journal<AuditRecord>; store: AuditStore; clock: Clock }): Audit {
  return {
    record: (actor, action, subject) => journal.append([recordOf(actor, action, subject, clock.now())]),
    async find({ from, to, limit = LIMIT, ...rest }) {
      // What was done a moment ago may still be on its way.
      await journal.drain()
      return { entries: await store.find({ ...rest, ...readTimeRange({ from, to }), limit }) }
    },
  }
}
