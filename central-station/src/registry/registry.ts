import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { coalesced } from '../coalesced.ts'
import type { DurableHealth } from '../durable-health.ts'
import type { CacheFile } from '../files/cache-file.ts'
import { changeBetween, indexWorld, type WorldChange, type WorldIndex } from './world-index.ts'
import { emptyWorld, type World } from './world.ts'

/** Port: where the world is read from, and told of changes made by another program. */
export interface WorldStore {
  load(): Promise<World>
}

export interface Registry {
  /** The newest known state; never waits, also while PostgreSQL is away. */
  now(): WorldIndex
  /** Reads the database again; resolves when a read begun after the call is in. Never fails: away keeps what is known. */
  refresh(): Promise<void>
  onChange(listener: (change: WorldChange) => void): Stop
  stop(): void
}

/** Safety net for changes nobody told of. */
const RELOAD_EVERY_MS = 30_000
const CACHE_PART = 'world'

export interface RegistryOptions {
  readonly store: WorldStore
  readonly cache: CacheFile
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
}

/** Starts with what the cache file holds; call `refresh` before use when PostgreSQL is there. */
export function createRegistry({ store, cache, health, clock, log }: RegistryOptions): Registry {
  let index: WorldIndex = indexWorld((cache.read(CACHE_PART) as World | undefined) ?? emptyWorld)
  const listeners = new Set<(change: WorldChange) => void>()

  const load = async () => {
    try {
      const before = index
      index = indexWorld(await store.load())
      cache.put(CACHE_PART, index.world)
      const change = changeBetween(before, index)
      if (change.beds.length + change.wards.length + change.desired.length > 0) for (const listener of listeners) listener(change)
    } catch (err) {
      log.warn({ err }, 'registry.not_refreshed')
    }
  }
  const refresh = coalesced(load)
  const refreshWhenBack = () => {
    if (health.state() === 'ok') void refresh()
  }
  const stops = [clock.every(RELOAD_EVERY_MS, refreshWhenBack), health.onChange(refreshWhenBack)]

  return {
    now: () => index,
    refresh,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => stops.forEach((stop) => stop()),
  }
}
