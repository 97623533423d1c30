import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@vigil/contract'
import type { AuditRecord } from '../../src/audit/audit.ts'
import type { CacheFile } from '../../src/files/cache-file.ts'
import type { Account } from '../../src/people/account.ts'
import { createSessionBook, type Session, type SessionBook } from '../../src/people/session-book.ts'
import { createTokenBook, type TokenBook, type TokenFact } from '../../src/people/token-book.ts'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import { alwaysOk } from '../support/world.ts'

const cache: CacheFile = { read: () => undefined, put: () => undefined, flush: async () => undefined, stop: async () => undefined }
const account: Account = { id: 'a', username: 'li', displayName: 'Li', role: 'nurse', wards: ['east'], patientId: null, disabled: false, onceUntilMs: null, hasPin: true, createdAtMs: 0 }
const record = {} as AuditRecord

/** A read of a table: what was there when it began, told when it is let go. */
function slowTable<T>(rows: () => readonly T[]) {
  let gate: Promise<void> = Promise.resolve()
  return {
    hold() {
      const held = Promise.withResolvers<void>()
      gate = held.promise
      return () => {
        gate = Promise.resolve()
        held.resolve()
      }
    },
    async load() {
      const seen = structuredClone([...rows()])
      await gate
      return seen
    },
  }
}

describe('a session', () => {
  let stored: Map<string, Session>
  let table: ReturnType<typeof slowTable<Session>>
  let book: SessionBook
  let locking: Promise<void>
  let kept: AuditRecord[]
  let token: string
  let id: string

  beforeEach(async () => {
    stored = new Map()
    table = slowTable<Session>(() => [...stored.values()])
    locking = Promise.resolve()
    const store = {
      load: () => table.load(),
      add: async (session: Session) => void stored.set(session.id, session),
      remove: async (gone: string) => void stored.delete(gone),
      async lock(locked: string, lockedMs: number | null) {
        await locking
        const session = stored.get(locked)
        if (session) stored.set(locked, { ...session, lockedMs })
      },
      async unlocked(ids: readonly string[]) {
        for (const gone of ids) stored.set(gone, { ...(stored.get(gone) as Session), lockedMs: null })
      },
      touch: async () => undefined,
    }
    kept = []
    book = createSessionBook({ store, cache, keep: async (entry) => void kept.push(entry), health: alwaysOk, clock: manualClock(1_000), log: silentLog })
    const opened = await book.open(account, 'browser', '')
    token = opened.token
    id = opened.session.id
  })

  it('that was locked stays locked when a read that began before comes in', async () => {
    const letGo = table.hold()
    const reading = book.refresh()
    await book.lock(id, 5_000, record)
    letGo()
    await reading
    expect(book.find(token)?.lockedMs).toBe(5_000)
    await book.refresh()
    expect(book.find(token)?.lockedMs).toBe(5_000)
  })

  it('that was locked at another central station is locked here too, and its live pages are told', async () => {
    const told: [string, boolean][] = []
    book.onLocked((session, isLocked) => told.push([session, isLocked]))
    stored.set(id, { ...(stored.get(id) as Session), lockedMs: 5_000 })
    await book.refresh()
    expect([told, book.find(token)?.lockedMs]).toEqual([[[id, true]], 5_000])
  })

  it('is unlocked also while the database is away, and stays so when it is back; locking waits for it', async () => {
    await book.lock(id, 5_000, record)
    locking = Promise.reject(new AppError('DATABASE_AWAY', 'away'))
    await book.lock(id, null, record)
    expect([book.find(token)?.lockedMs, stored.get(id)?.lockedMs, kept]).toEqual([null, 5_000, [record]])
    await expect(book.lock(id, 6_000, record)).rejects.toMatchObject({ code: 'DATABASE_AWAY' })
    await book.refresh()
    expect(book.find(token)?.lockedMs).toBeNull()
    await book.stop()
    expect(stored.get(id)?.lockedMs).toBeNull()
  })

  it('that is closed while it is being unlocked does not come back', async () => {
    const held = Promise.withResolvers<void>()
    locking = held.promise
    const unlocking = book.lock(id, null, record)
    await book.close(id)
    held.resolve()
    await unlocking
    expect(book.find(token)).toBeUndefined()
  })

  it('whose person sees other wards by now goes on with those, and its live pages of before are closed', async () => {
    const closed: string[] = []
    book.onClosed((session) => closed.push(session))
    stored.set(id, { ...(stored.get(id) as Session), account: { ...account, displayName: 'Li W.' } })
    await book.refresh()
    expect(closed).toEqual([])
    stored.set(id, { ...(stored.get(id) as Session), account: { ...account, wards: ['west'] } })
    await book.refresh()
    expect([closed, book.find(token)?.account.wards]).toEqual([[id], ['west']])
  })
})

describe('a token', () => {
  let stored: Map<string, TokenFact>
  let table: ReturnType<typeof slowTable<TokenFact>>
  let book: TokenBook
  const asked = { id: 't', name: 'export', rights: ['ward:read'], wards: null, createdBy: 'li', createdAtMs: 0, expiresAtMs: 10_000 } as const

  beforeEach(() => {
    stored = new Map()
    table = slowTable<TokenFact>(() => [...stored.values()])
    const store = {
      load: () => table.load(),
      add: async (fact: TokenFact) => void stored.set(fact.id, fact),
      async revoke(id: string, revokedAtMs: number, revokedBy: string) {
        const fact = { ...(stored.get(id) as TokenFact), revokedAtMs, revokedBy }
        stored.set(id, fact)
        return fact
      },
      touch: async () => undefined,
    }
    book = createTokenBook({ store, cache, health: alwaysOk, clock: manualClock(1_000), log: silentLog })
  })

  it('that was revoked does not open again when a read that began before comes in', async () => {
    const { token } = await book.make(asked)
    const letGo = table.hold()
    const reading = book.refresh()
    const revoking = book.revoke('t', 'li')
    letGo()
    await reading
    await revoking
    expect(book.find(token)).toBeUndefined()
  })
})
