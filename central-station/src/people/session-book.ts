import { isDeepStrictEqual } from 'node:util'
import type { Clock, Stop } from '@vigil/contract'
import { newSecret, type Log } from '@vigil/program'
import type { AuditRecord } from '../audit/audit.ts'
import { coalesced } from '../coalesced.ts'
import { isAway } from '../db/database-errors.ts'
import type { DurableHealth } from '../durable-health.ts'
import type { CacheFile } from '../files/cache-file.ts'
import type { Account } from './account.ts'
import { hashToken } from './hash-token.ts'
import { isOver, lifeOf, type SessionKind } from './session-life.ts'

/** The token itself is nowhere on the server: only its SHA-256, hex, which needs no slow hash because the token is 256 random bits. */
export interface Session {
  readonly id: string
  readonly account: Account
  readonly kind: SessionKind
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly origin: string
  lastUsedMs: number
  /** Since when it is locked; `null` while somebody is at it. */
  readonly lockedMs: number | null
}

/** Port: sessions as PostgreSQL keeps them. */
export interface SessionStore {
  load(): Promise<readonly Session[]>
  add(session: Session): Promise<void>
  remove(id: string): Promise<void>
  /** In the audit by the same transaction. */
  lock(id: string, atMs: number | null, record: AuditRecord): Promise<void>
  /** Of sessions that were unlocked while it was away; their entries went another way. */
  unlocked(ids: readonly string[]): Promise<void>
  /** Writes when each was last used, and removes those that ended. */
  touch(used: readonly Pick<Session, 'id' | 'lastUsedMs'>[], nowMs: number): Promise<void>
}

/** Every open session, in memory and on disk, so that people stay signed in while PostgreSQL is away. */
export interface SessionBook {
  /** Opens a session; `token` is given to its owner and never kept. */
  open(account: Account, kind: SessionKind, origin: string): Promise<{ readonly token: string; readonly session: Session }>
  /** The session of a token, unless it has ended; counts as use. */
  find(token: string): Session | undefined
  /** Whether a session that was found earlier still stands; counts as use. */
  stillOpen(id: string): boolean
  /** Over at once and for good, also when the database cannot be told yet. Never fails. */
  close(id: string): Promise<void>
  /**
   * Locks it, or unlocks it with `null`; its live pages open anew with what it may see then. Unlocking does not wait for a database that is away: a
   * locked screen answers no alarm.
   */
  lock(id: string, atMs: number | null, record: AuditRecord): Promise<void>
  /** Ids of the open sessions of these accounts. */
  of(accountIds: ReadonlySet<string>): ReadonlySet<string>
  refresh(): Promise<void>
  onClosed(listener: (id: string) => void): Stop
  /** A screen was locked, or somebody is back at it. */
  onLocked(listener: (id: string, isLocked: boolean) => void): Stop
  stop(): Promise<void>
}

const SYNC_EVERY_MS = 60_000
const CACHE_PART = 'sessions'
const ENDED_PART = 'sessions-ended'
/** Programs that never sign out would grow the list for ever: the one unused longest goes. */
const PER_ACCOUNT = 200

export interface SessionBookOptions {
  readonly store: SessionStore
  readonly cache: CacheFile
  /** Keeps an entry of the audit until the database is back. */
  readonly keep: (record: AuditRecord) => Promise<void>
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
}

export function createSessionBook(options: SessionBookOptions): SessionBook {
  return new Book(options)
}

class Book implements SessionBook {
  readonly #options: SessionBookOptions
  readonly #used = new Set<string>()
  readonly #listeners = new Set<(id: string) => void>()
  readonly #lockListeners = new Set<(id: string, isLocked: boolean) => void>()
  readonly #stops: readonly Stop[]
  readonly #load = coalesced(() => this.#loadOnce())
  /** Ended here, but perhaps still in the database: such a session must not come back with the next read. */
  readonly #ended: Map<string, 'to remove' | 'removed'>
  #sessions: Map<string, Session>
  /** Locks and unlocks here so far, and which of them was the last of each session. */
  #lockings = 0
  readonly #lockedAs = new Map<string, number>()
  /** Unlocked while the database was away, which still has them locked. */
  readonly #unlockedHere = new Set<string>()

  constructor(options: SessionBookOptions) {
    this.#options = options
    const cached = (options.cache.read(CACHE_PART) as Session[] | undefined) ?? []
    const ended = (options.cache.read(ENDED_PART) as string[] | undefined) ?? []
    this.#sessions = new Map(cached.map((session) => [session.id, { ...session }]))
    this.#ended = new Map(ended.map((id) => [id, 'to remove']))
    this.#stops = [options.clock.every(SYNC_EVERY_MS, () => void this.#sync()), options.health.onChange(() => void this.#sync())]
  }

  async open(account: Account, kind: SessionKind, origin: string) {
    const token = newSecret()
    const now = this.#options.clock.now()
    const session: Session = { id: hashToken(token), account, kind, createdAtMs: now, lastUsedMs: now, lockedMs: null, expiresAtMs: now + lifeOf(kind, account.role).absoluteMs, origin }
    await this.#options.store.add(session)
    this.#sessions.set(session.id, session)
    this.#remember()
    const own = [...this.#sessions.values()].filter((other) => other.account.id === account.id).sort((a, b) => a.lastUsedMs - b.lastUsedMs)
    for (const oldest of own.slice(0, Math.max(0, own.length - PER_ACCOUNT))) await this.close(oldest.id)
    return { token, session }
  }

  find(token: string): Session | undefined {
    return this.#use(this.#sessions.get(hashToken(token)))
  }

  stillOpen(id: string): boolean {
    return this.#use(this.#sessions.get(id)) !== undefined
  }

  async close(id: string): Promise<void> {
    this.#ended.set(id, 'to remove')
    this.#drop(id)
    await this.#removeEnded()
  }

  async lock(id: string, atMs: number | null, record: AuditRecord): Promise<void> {
    if (!this.#sessions.has(id)) return
    await this.#writeLock(id, atMs, record)
    const session = this.#sessions.get(id)
    // Closed meanwhile: it stays so.
    if (!session) return
    this.#sessions.set(id, { ...session, lockedMs: atMs })
    this.#lockedAs.set(id, ++this.#lockings)
    this.#remember()
    for (const tell of this.#lockListeners) tell(id, atMs !== null)
  }

  async #writeLock(id: string, atMs: number | null, record: AuditRecord): Promise<void> {
    const { store, keep } = this.#options
    try {
      await store.lock(id, atMs, record)
      this.#unlockedHere.delete(id)
    } catch (error) {
      if (atMs !== null || !isAway(error)) throw error
      await keep(record)
      this.#unlockedHere.add(id)
    }
  }

  of(accountIds: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...this.#sessions.values()].filter(({ account }) => accountIds.has(account.id)).map(({ id }) => id))
  }

  refresh(): Promise<void> {
    return this.#load()
  }

  async #loadOnce(): Promise<void> {
    const gone = new Set([...this.#ended].flatMap(([id, state]) => (state === 'removed' ? [id] : [])))
    const startedMs = this.#options.clock.now()
    const lockings = this.#lockings
    const stored = new Map((await this.#options.store.load()).map((session) => [session.id, session]))
    for (const mine of this.#sessions.values()) {
      const theirs = stored.get(mine.id)
      if (theirs) stored.set(mine.id, this.#joined(mine, theirs, lockings))
      // Opened here after the read began: the read could not see it.
      else if (mine.createdAtMs >= startedMs) stored.set(mine.id, mine)
    }
    for (const id of this.#ended.keys()) stored.delete(id)
    // Removed before this read began: no later read can bring it back.
    for (const id of gone) this.#ended.delete(id)
    const before = this.#sessions
    this.#sessions = stored
    this.#remember()
    for (const [id, mine] of before) this.#tellDifference(mine, stored.get(id))
  }

  /** A lock, or its end, that came after the read began, or that the database was not told of yet, is newer than what was read. */
  #joined(mine: Session, theirs: Session, lockings: number): Session {
    const isNewer = (this.#lockedAs.get(mine.id) ?? 0) > lockings || this.#unlockedHere.has(mine.id)
    const lockedMs = isNewer ? mine.lockedMs : theirs.lockedMs
    return { ...theirs, lockedMs, lastUsedMs: Math.max(theirs.lastUsedMs, mine.lastUsedMs) }
  }

  /** Live pages go by what was so when they were opened: of other rights they are closed, and open anew by themselves. */
  #tellDifference(before: Session, after: Session | undefined): void {
    if (!after || !sameRights(before.account, after.account)) return this.#tellClosed([before.id])
    const [was, is] = [before, after].map(({ lockedMs }) => typeof lockedMs === 'number')
    if (was !== is) for (const tell of this.#lockListeners) tell(before.id, is === true)
  }

  onClosed(listener: (id: string) => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onLocked(listener: (id: string, isLocked: boolean) => void): Stop {
    this.#lockListeners.add(listener)
    return () => this.#lockListeners.delete(listener)
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#sync()
  }

  async #sync(): Promise<void> {
    const { health, store, clock, log } = this.#options
    if (health.state() === 'away') return
    const touched = [...this.#used].flatMap((id) => this.#sessions.get(id) ?? [])
    this.#used.clear()
    try {
      await this.#removeEnded()
      await this.#tellUnlocked()
      await store.touch(touched, clock.now())
      await this.refresh()
    } catch (err) {
      log.warn({ err }, 'sessions.not_synced')
    }
  }

  async #tellUnlocked(): Promise<void> {
    const ids = [...this.#unlockedHere]
    if (ids.length === 0) return
    await this.#options.store.unlocked(ids)
    for (const id of ids) this.#unlockedHere.delete(id)
  }

  #use(session: Session | undefined): Session | undefined {
    if (!session) return undefined
    const now = this.#options.clock.now()
    if (isOver(session, now)) {
      this.#drop(session.id)
      return undefined
    }
    session.lastUsedMs = now
    this.#used.add(session.id)
    return session
  }

  #drop(id: string): void {
    if (!this.#sessions.delete(id)) return
    this.#used.delete(id)
    this.#lockedAs.delete(id)
    this.#unlockedHere.delete(id)
    this.#remember()
    this.#tellClosed([id])
  }

  /** With the database away it is tried again at the next sync, also after a restart: here the session is over either way. */
  async #removeEnded(): Promise<void> {
    const { store, log } = this.#options
    for (const [id, state] of this.#ended) {
      if (state === 'removed') continue
      try {
        await store.remove(id)
        this.#ended.set(id, 'removed')
      } catch (err) {
        log.warn({ err }, 'session.not_removed_yet')
      }
    }
    this.#remember()
  }

  #remember(): void {
    this.#options.cache.put(CACHE_PART, [...this.#sessions.values()])
    this.#options.cache.put(ENDED_PART, [...this.#ended.keys()])
  }

  #tellClosed(ids: readonly string[]): void {
    for (const id of ids) for (const listener of this.#listeners) listener(id)
  }
}

function sameRights(a: Account, b: Account): boolean {
  const rights = ({ role, wards, disabled, onceUntilMs }: Account) => [role, wards ?? null, disabled, onceUntilMs ?? null]
  return isDeepStrictEqual(rights(a), rights(b))
}
