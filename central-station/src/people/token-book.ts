import type { Clock, Permission, Stop, WardScope } from '@vigil/contract'
import { newSecret, type Log } from '@vigil/program'
import { coalesced } from '../coalesced.ts'
import type { DurableHealth } from '../durable-health.ts'
import type { CacheFile } from '../files/cache-file.ts'
import type { Caller } from './caller.ts'
import { hashToken } from './hash-token.ts'

/** A token as it is kept: of the token itself only the SHA-256, hex; 256 random bits need no slow hash. */
export interface TokenFact {
  readonly id: string
  readonly hash: string
  readonly name: string
  readonly rights: readonly Permission[]
  readonly wards: WardScope
  readonly createdBy: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly lastUsedMs: number | null
  readonly revokedAtMs: number | null
  readonly revokedBy: string | null
}

/** Port: tokens as PostgreSQL keeps them. */
export interface TokenStore {
  /** All that are not long gone, newest first. */
  load(): Promise<readonly TokenFact[]>
  add(token: TokenFact): Promise<void>
  /** @throws AppError NOT_FOUND */
  revoke(id: string, atMs: number, by: string): Promise<TokenFact>
  touch(used: ReadonlyMap<string, number>): Promise<void>
}

/** Every token in force, in memory and on disk, so that programs go on while PostgreSQL is away. */
export interface TokenBook {
  make(token: Omit<TokenFact, 'hash' | 'lastUsedMs' | 'revokedAtMs' | 'revokedBy'>): Promise<{ readonly token: string; readonly fact: TokenFact }>
  list(): Promise<readonly TokenFact[]>
  /** Over at once. @throws AppError NOT_FOUND, DATABASE_AWAY */
  revoke(id: string, by: string): Promise<TokenFact>
  /** Who a token is, unless it has ended; counts as use. */
  find(token: string): Caller | undefined
  stillOpen(callerId: string): boolean
  refresh(): Promise<void>
  onClosed(listener: (callerId: string) => void): Stop
  stop(): Promise<void>
}

const SYNC_EVERY_MS = 60_000
const CACHE_PART = 'tokens'
/** Says what it is wherever it turns up, so that scanners of repositories and logs find it. */
export const TOKEN_PREFIX = 'vigil_'

export interface TokenBookOptions {
  readonly store: TokenStore
  readonly cache: CacheFile
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
}

export function createTokenBook({ store, cache, health, clock, log }: TokenBookOptions): TokenBook {
  const held = holdTokens(cache, clock)
  const used = new Map<string, number>()
  const refresh = coalesced(async () => held.take(await store.load()))
  const sync = async () => {
    if (health.state() === 'away') return
    const touched = new Map(used)
    used.clear()
    try {
      if (touched.size > 0) await store.touch(touched)
      await refresh()
    } catch (err) {
      log.warn({ err }, 'tokens.not_synced')
    }
  }
  // A read begun before the change would undo it here: one begun after it is waited for.
  const afterwards = () => refresh().catch((err: unknown) => log.warn({ err }, 'tokens.not_synced'))
  const stops = [clock.every(SYNC_EVERY_MS, () => void sync()), health.onChange(() => void sync())]

  return {
    async make(asked) {
      const token = `${TOKEN_PREFIX}${newSecret()}`
      const fact: TokenFact = { ...asked, hash: hashToken(token), lastUsedMs: null, revokedAtMs: null, revokedBy: null }
      await store.add(fact)
      held.take([fact, ...held.all()])
      await afterwards()
      return { token, fact }
    },
    async list() {
      await sync()
      return held.all()
    },
    async revoke(id, by) {
      const fact = await store.revoke(id, clock.now(), by)
      held.take(held.all().map((known) => (known.id === id ? fact : known)))
      await afterwards()
      return fact
    },
    find(token) {
      const fact = held.byHash(hashToken(token))
      if (!fact) return undefined
      used.set(fact.id, clock.now())
      return { id: callerId(fact), accountId: null, username: `token:${fact.name}`, role: 'program', rights: new Set(fact.rights), wards: fact.wards }
    },
    stillOpen: held.isOpen,
    refresh,
    onClosed: (listener) => held.onClosed(listener),
    async stop() {
      for (const stop of stops) stop()
      await sync()
    },
  }
}

/** Tokens in memory and in the cache file; tells of each that was valid and is no longer. */
function holdTokens(cache: CacheFile, clock: Clock) {
  const listeners = new Set<(id: string) => void>()
  let facts: readonly TokenFact[] = (cache.read(CACHE_PART) as TokenFact[] | undefined) ?? []
  const valid = (fact: TokenFact | undefined) => (fact && isValid(fact, clock.now()) ? fact : undefined)
  const isOpen = (id: string) => valid(facts.find((fact) => callerId(fact) === id)) !== undefined
  return {
    all: () => facts,
    byHash: (hash: string) => valid(facts.find((fact) => fact.hash === hash)),
    isOpen,
    take(next: readonly TokenFact[]) {
      const before = facts
      facts = next
      cache.put(CACHE_PART, facts)
      for (const fact of before) if (valid(fact) && !isOpen(callerId(fact))) for (const listener of listeners) listener(callerId(fact))
    },
    onClosed(listener: (id: string) => void): Stop {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export function isValid({ expiresAtMs, revokedAtMs }: Pick<TokenFact, 'expiresAtMs' | 'revokedAtMs'>, nowMs: number): boolean {
  return revokedAtMs === null && nowMs < expiresAtMs
}

function callerId({ id }: TokenFact): string {
  return `token:${id}`
}
