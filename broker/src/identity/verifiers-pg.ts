import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { createLater, createOneAtATime, within } from './later.ts'
import { createLookups } from './lookups.ts'
import { listenToRegistry } from './registry-listener-pg.ts'
import { createPgRegistry } from './registry-pg.ts'
import { createVerifierCache } from './verifier-cache.ts'
import type { VerifierFile } from './verifier-file.ts'
import type { Verifiers } from './verifiers.ts'

export interface PgVerifiersOptions {
  readonly databaseUrl: string
  readonly file: VerifierFile
  readonly log: Log
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** The whole registry is read again this often; notifications are only a hint and can be lost. */
const POLL_MS = 15_000
/** Notifications are gathered this long, so that registering a thousand devices is a few questions. */
const GATHER_MS = 10
/** Changes are written to the file this long after they came. */
const WRITE_AFTER_MS = 500
/** How long the farewell to the database may take. */
const FAREWELL_MS = 1_000

/** Verifiers from the `device` table: all of them in memory and on disk, kept fresh by notifications and by asking. */
export function createPgVerifiers({ databaseUrl, file, log, clock, random }: PgVerifiersOptions): Verifiers {
  const registry = createPgRegistry(databaseUrl, log)
  const cache = createVerifierCache(file.read())
  const told = new Set<string>()
  let readAt: number | undefined

  const readAll = createOneAtATime(async () => {
    const askedAt = clock.monotonic()
    // A failure is told by the link state and healed by the next reading.
    const found = await registry.all().catch(() => undefined)
    if (!found) return
    cache.takeAll(found, askedAt)
    readAt = clock.monotonic()
  })
  const readSome = async (devices: readonly string[]) => {
    const askedAt = clock.monotonic()
    cache.take(devices, await registry.some(devices), askedAt)
  }
  const lookUp = createLookups(clock, (device) => readSome([device]))
  const readTold = createLater(clock, GATHER_MS, () => {
    const devices = [...told]
    told.clear()
    readSome(devices).catch(() => undefined)
  })
  const writeFile = createLater(clock, WRITE_AFTER_MS, () => file.write(cache.entries()))
  cache.onChange(() => writeFile.ask())

  const listener = listenToRegistry({
    databaseUrl,
    log,
    clock,
    random,
    onDevice(device) {
      told.add(device)
      readTold.ask()
    },
    // Whatever was told while nobody listened is lost.
    onListening: readAll,
  })
  const stopPolling = clock.every(POLL_MS, readAll)
  readAll()

  return {
    async find(device) {
      if (!cache.get(device)) await lookUp(device)
      return cache.get(device)
    },
    recheck: (device) => lookUp(device).then(() => cache.get(device)),
    async findAlink(userName, anew = false) {
      if (anew || !cache.getAlink(userName)) await lookUp(userName)
      return cache.getAlink(userName)
    },
    findPhone: (phone) => registry.phone(phone),
    peek: cache.get,
    onChange: cache.onChange,
    facts: () => ({ link: registry.link, cached: cache.size, ageMs: readAt === undefined ? undefined : clock.monotonic() - readAt }),
    async stop() {
      stopPolling()
      readTold.cancel()
      if (writeFile.cancel()) file.write(cache.entries())
      await within(clock, FAREWELL_MS, Promise.all([listener.stop(), registry.stop()]))
    },
  }
}
