import { type AuditList, type AuditQuery, type Clock, isAppError } from '@vigil/contract'
import type { Journal } from '../files/journal.ts'
import { readTimeRange } from '../history/time-range.ts'
import { uuidv7 } from '../ids.ts'
import type { Actor, AuditRecord, Subject } from './audit-record.ts'
import type { Due, Dues } from './due.ts'

export type { Actor, AuditRecord, Subject }

/** Port: reads what was written. */
export interface AuditStore {
  find(query: AuditFilter): Promise<AuditList['entries']>
}

export interface AuditFilter extends Omit<AuditQuery, 'from' | 'to' | 'limit'> {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly limit: number
}

/** An entry that a change is going to write. */
export interface Doing {
  readonly actor: Actor
  readonly action: string
  /** Asked when the change is done. */
  readonly subject: () => Subject
  /** What is known before it is done: stands in the audit alone when the program is killed in between. */
  readonly draft?: () => Subject
}

export interface Audit {
  /** Resolves when the record is safe on the local disk; it reaches PostgreSQL from there. */
  record(actor: Actor, action: string, subject: Subject): Promise<void>
  /**
   * Runs a change with its entries: the first transaction within that changes something holds what is known by then, so that
   * change and entry stand or fall together, whenever the program ends. Resolves when the whole entries are safe on the local disk.
   */
  doing<T>(entries: readonly Doing[], run: () => Promise<T>): Promise<T>
  /** The same in pieces, for a change that is not one function: `Dues.during` runs it, and `finish` or `fail` is its end. */
  begin(entries: readonly Doing[]): Undertaking
  find(query: AuditQuery): Promise<AuditList>
}

export function recordOf({ accountId, username, role, origin, requestId }: Actor, action: string, subject: Subject, nowMs: number): AuditRecord {
  return { id: uuidv7(nowMs), atMs: nowMs, accountId, username, role, action, origin, requestId, ...subject }
}

/** What the central station does by itself. */
export const systemActor: Actor = { accountId: null, username: 'system', role: 'system', origin: '', requestId: '' }

export interface Undertaking {
  readonly due: Due
  during<T>(run: () => T): T
  /** Done: the whole entries are safe on the local disk when it resolves. */
  finish(): Promise<void>
  /** Refused or broken off. What a transaction holds all the same is written with this status or code. */
  fail(why: number | string): Promise<void>
  /** Nobody is going to write it any more. */
  drop(): void
}

const LIMIT = 100

export function createAudit({ journal, store, dues, clock }: { journal: Journal<AuditRecord>; store: AuditStore; dues: Dues; clock: Clock }): Audit {
  const begin = (entries: readonly Doing[]): Undertaking => {
    const begun = entries.map((entry) => ({ ...entry, empty: recordOf(entry.actor, entry.action, {}, clock.now()) }))
    const due = dues.begin(() => begun.map(({ empty, subject, draft = subject }) => ({ ...empty, ...draft() })))
    const drop = () => dues.close(due)
    return {
      due,
      during: (run) => dues.during(due, run),
      async finish() {
        try {
          await journal.append(begun.map(({ empty, subject }) => ({ ...empty, ...subject() })))
        } finally {
          drop()
        }
      },
      async fail(why) {
        try {
          if (due.stands && !due.closed) await journal.append(due.entries().map((record) => ({ ...record, detail: { ...record.detail, failed: why } })))
        } finally {
          drop()
        }
      },
      drop,
    }
  }
  return {
    begin,
    async doing(entries, run) {
      const undertaking = begin(entries)
      try {
        const result = await undertaking.during(run)
        await undertaking.finish()
        return result
      } catch (error) {
        await undertaking.fail(isAppError(error) ? error.code : 'INTERNAL')
        throw error
      }
    },
    record: (actor, action, subject) => journal.append([recordOf(actor, action, subject, clock.now())]),
    async find({ from, to, limit = LIMIT, ...rest }) {
      // What was done a moment ago may still be on its way.
      await journal.drain()
      return { entries: await store.find({ ...rest, ...readTimeRange({ from, to }), limit }) }
    },
  }
}
