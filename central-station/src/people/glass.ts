import { AppError, type BreakGlass, type BreakGlassList, type Clock, type NewBreakGlass, type Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { type Actor, type AuditRecord, recordOf } from '../audit/audit.ts'
import { coalesced } from '../coalesced.ts'
import type { CacheFile } from '../files/cache-file.ts'
import { uuidv7 } from '../ids.ts'
import { field, iso, isoField } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import { type Caller, seesWard } from './caller.ts'

export interface GlassFact {
  readonly id: string
  readonly accountId: string
  readonly username: string
  readonly displayName: string
  readonly role: string
  readonly wardId: string
  readonly reason: string
  readonly fromMs: number
  readonly untilMs: number
  readonly endedMs: number | null
  readonly endedBy: string | null
}

/** Port: wards opened in an emergency. What is written is in the audit by the same transaction. */
export interface GlassStore {
  /** Of the last 30 days, newest first. */
  load(): Promise<readonly GlassFact[]>
  add(grant: Pick<GlassFact, 'id' | 'accountId' | 'wardId' | 'reason' | 'fromMs' | 'untilMs'>, record: AuditRecord): Promise<void>
  end(id: string, atMs: number, by: string, record: AuditRecord): Promise<void>
}

/** Wards that somebody opened who does not belong there: for a while, with a reason, before everybody's eyes. */
export interface Glass {
  /** Wards this person has open now. */
  openFor(accountId: string): readonly string[]
  /** @throws AppError NOT_FOUND, ALREADY_EXISTS when the ward is theirs anyway */
  open(asked: NewBreakGlass, caller: Caller, actor: Actor): Promise<BreakGlass>
  /** @throws AppError NOT_FOUND */
  end(id: string, actor: Actor): Promise<BreakGlass>
  /** Of wards this caller sees; `now` for those in force alone. */
  list(caller: Pick<Caller, 'wards'>, which?: 'now' | 'all'): BreakGlassList
  find(id: string): GlassFact | undefined
  refresh(): Promise<void>
  /** A grant began or ended. */
  onChange(listener: (accountIds: ReadonlySet<string>) => void): Stop
  stop(): void
}

const MINUTES = 60
const CACHE_PART = 'glass'
const LOOK_EVERY_MS = 5_000

export interface GlassOptions {
  readonly store: GlassStore
  readonly registry: Registry
  readonly cache: CacheFile
  readonly clock: Clock
  readonly log: Log
}

export function createGlass({ store, registry, cache, clock, log }: GlassOptions): Glass {
  const listeners = new Set<(accountIds: ReadonlySet<string>) => void>()
  let facts = (cache.read(CACHE_PART) as readonly GlassFact[] | undefined) ?? []
  let openBefore = new Set<string>()
  const isOpen = ({ fromMs, untilMs, endedMs }: GlassFact) => endedMs === null && fromMs <= clock.now() && clock.now() < untilMs
  const tell = () => {
    const open = new Set(facts.filter(isOpen).map(({ id }) => id))
    const changed = facts.filter(({ id }) => open.has(id) !== openBefore.has(id)).map(({ accountId }) => accountId)
    openBefore = open
    if (changed.length > 0) for (const listener of listeners) listener(new Set(changed))
  }
  const refresh = coalesced(async () => {
    facts = await store.load()
    cache.put(CACHE_PART, facts)
    tell()
  })
  const must = (id: string): GlassFact => {
    const fact = facts.find((one) => one.id === id)
    if (!fact) throw new AppError('NOT_FOUND', 'There is no such opening of a ward.')
    return fact
  }
  const stop = clock.every(LOOK_EVERY_MS, tell)

  return {
    openFor: (accountId) => facts.filter((fact) => fact.accountId === accountId && isOpen(fact)).map(({ wardId }) => wardId),
    async open({ wardId, reason, minutes = MINUTES }, caller, actor) {
      if (!registry.now().wards.has(wardId)) throw new AppError('NOT_FOUND', `There is no ward ${wardId}.`)
      if (caller.accountId === null || seesWard(caller, wardId)) throw new AppError('ALREADY_EXISTS', `Ward ${wardId} is open to you already.`)
      const grant = { id: uuidv7(clock.now()), accountId: caller.accountId, wardId, reason, fromMs: clock.now(), untilMs: clock.now() + minutes * 60_000 }
      await store.add(grant, recordOf(actor, 'glass.break', { wardId, detail: { grantId: grant.id, reason, until: iso(grant.untilMs) } }, clock.now()))
      await refresh().catch((err: unknown) => log.warn({ err }, 'glass.not_refreshed'))
      return view(must(grant.id))
    },
    async end(id, actor) {
      const { wardId } = must(id)
      await store.end(id, clock.now(), actor.username, recordOf(actor, 'glass.end', { wardId, detail: { grantId: id } }, clock.now()))
      await refresh()
      return view(must(id))
    },
    list: (caller, which = 'all') => ({ grants: facts.filter((fact) => seesWard(caller, fact.wardId) && (which === 'all' || isOpen(fact))).map(view) }),
    find: (id) => facts.find((fact) => fact.id === id),
    refresh,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop,
  }
}

function view({ id, username, displayName, role, wardId, reason, fromMs, untilMs, endedMs, endedBy }: GlassFact): BreakGlass {
  return { id, username, displayName, role, wardId, reason, from: iso(fromMs), until: iso(untilMs), ...isoField('endedAt', endedMs), ...field('endedBy', endedBy) }
}
