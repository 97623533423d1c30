import type { AlarmWatch, Clock, PathHealth } from '@vigil/contract'
import { BEHIND_MS } from '../alarms/paths/path-watch.ts'
import type { DurableHealth } from '../durable-health.ts'
import { field } from '../iso.ts'
import type { BrokerLink } from '../live/broker-link.ts'

/** What PostgreSQL knows of the way to it, and of itself. */
export interface StoredFacts {
  /** Since the newest canary was stored; `null` while there never was one. */
  readonly storedMsAgo: number | null
  readonly sizeBytes: number
  /** Of what is kept day by day: today's part, and how much of the day is over (UTC). */
  readonly todayBytes: number
  readonly todayMs: number
  /** Where the database lies, as far as it tells. */
  readonly folder: string | null
}

export interface PathStore {
  /** @throws AppError DATABASE_AWAY */
  facts(): Promise<StoredFacts>
}

/** Room on a disk, bytes. */
export interface DiskRoom {
  readonly freeBytes: number
  readonly totalBytes: number
}

export interface PathHealthOptions {
  readonly store: PathStore
  readonly health: DurableHealth
  readonly link: Pick<BrokerLink, 'connected'>
  readonly watch: () => AlarmWatch
  /** Of the disk a folder of this computer lies on; nothing for a folder elsewhere. */
  readonly room: (folder: string) => Promise<DiskRoom | undefined>
  readonly clock: Clock
}

const DAY_MS = 86_400_000
/** The first minutes of a day say nothing of the whole. */
const LEAST_MS = 3_600_000
/** Sizes are counted file by file: many open pages cost no more than one. */
const KEEP_MS = 5_000

export function createPathHealth({ store, health, link, watch, room, clock }: PathHealthOptions): () => Promise<PathHealth> {
  let kept: { readonly atMs: number; readonly answer: Promise<Pick<PathHealth, 'storing' | 'database'>> } | undefined

  const ask = async (): Promise<Pick<PathHealth, 'storing' | 'database'>> => {
    try {
      const facts = await store.facts()
      return { storing: storingOf(facts), database: await databaseOf(facts) }
    } catch {
      // That it cannot be asked is the answer.
      return { storing: { state: 'unknown' }, database: { state: 'away' } }
    }
  }
  const databaseOf = async ({ sizeBytes, todayBytes, todayMs, folder }: StoredFacts): Promise<PathHealth['database']> => {
    const growthBytesPerDay = todayMs < LEAST_MS || todayBytes === 0 ? undefined : Math.round((todayBytes * DAY_MS) / todayMs)
    const disk = folder === null ? undefined : await room(folder)
    const daysLeft = disk && growthBytesPerDay !== undefined ? Math.floor(disk.freeBytes / growthBytesPerDay) : undefined
    return { state: 'ok', sizeBytes, ...field('growthBytesPerDay', growthBytesPerDay), ...field('disk', disk), ...field('daysLeft', daysLeft) }
  }
  return async () => {
    if (health.state() === 'ok' && (kept === undefined || clock.monotonic() - kept.atMs >= KEEP_MS)) kept = { atMs: clock.monotonic(), answer: ask() }
    const stored = health.state() === 'ok' && kept ? await kept.answer : { storing: { state: 'unknown' as const }, database: { state: 'away' as const } }
    return { broker: { state: link.connected() ? 'ok' : 'away' }, ...stored, alarms: watch(), serverTimeMs: clock.now() }
  }
}

function storingOf({ storedMsAgo }: StoredFacts): PathHealth['storing'] {
  if (storedMsAgo === null) return { state: 'unknown' }
  return { state: storedMsAgo > BEHIND_MS ? 'behind' : 'ok', storedMsAgo: Math.max(0, Math.round(storedMsAgo)) }
}
