import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Clock, Ledger } from '@vigil/contract'
import { openRecordings } from '@vigil/edge-agent'
import { pause } from '@vigil/program'
import type { StationClient } from '../station-api/station-client.ts'
import { openJournal, readJournal, type Journal } from './journal.ts'
import { lightClient } from './light-client.ts'
import type { LoadClient, Registered } from './load-client.ts'
import { realClient } from './real-client.ts'
import { registeredDevices } from './registration.ts'
import { describeDelays, judge, type DeviceVerdict, type LoadReport } from './verdict.ts'
import { watchWall } from './wall-watch.ts'

export interface LoadOptions {
  readonly api: StationClient
  readonly httpUrl: string
  readonly mqttUrl: string
  readonly devices: number
  /** Of these, boards with the whole agent on emulated sensors. */
  readonly real: number
  readonly seconds: number
  /** Spools, secrets and journal; a run in the same folder goes on where the last one ended. */
  readonly folder: string
  /** How long to wait for the last receipts. */
  readonly drainMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly tell: (line: string) => void
}

const JOURNAL = 'journal.log'
/** Boards start over this time, as a ward that is switched on does. */
const START_SPREAD_MS = 5_000
const LOOK_EVERY_MS = 500
const TELL_EVERY_MS = 10_000
const WORST = 20
const LEDGERS_AT_ONCE = 8

/** Runs the boards, lets everything arrive, and compares what they produced with what the ledger holds. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { folder, clock, api, httpUrl, devices, seconds, tell } = options
  mkdirSync(join(folder, 'spools'), { recursive: true, mode: 0o700 })
  const registered = await registeredDevices(api, folder, basename(folder), devices)
  tell(`${registered.length} boards registered`)
  const journal = openJournal(join(folder, JOURNAL), clock)
  const clients = createClients(options, registered, journal)
  const wall = watchWall({ httpUrl, token: api.token, devices: registered.map(({ device }) => device), clock })
  try {
    await startSpread(clients, clock)
    await measureFor(seconds, clients, options)
    const spools = new Map(clients.map((client) => [client.device, client.status()]))
    const report = await compare(options, registered, spools)
    const statuses = [...spools.values()]
    return { ...report, unsent: statuses.reduce((sum, { spool }) => sum + spool.unsent, 0), cuts: statuses.reduce((sum, { link }) => sum + link.cuts, 0), sensorToWallMs: describeDelays(wall.delays()) }
  } finally {
    wall.stop()
    await Promise.all(clients.map((client) => client.stop()))
    journal.close()
  }
}

function createClients({ mqttUrl: url, folder, real, clock, random }: LoadOptions, registered: readonly Registered[], journal: Journal): LoadClient[] {
  const library = openRecordings()
  const shared = { url, folder: join(folder, 'spools'), journal, clock, random }
  return registered.map((one, index) => (index < real ? realClient({ ...shared, registered: one, library, index }) : lightClient({ ...shared, registered: one, index })))
}

async function startSpread(clients: readonly LoadClient[], clock: Clock): Promise<void> {
  for (const client of clients) {
    await client.start()
    await pause(clock, START_SPREAD_MS / clients.length)
  }
}

async function measureFor(seconds: number, clients: readonly LoadClient[], { clock, drainMs, tell }: LoadOptions): Promise<void> {
  const startedAt = clock.monotonic()
  const unsent = (): number => clients.reduce((sum, client) => sum + client.status().spool.unsent, 0)
  const stopTelling = clock.every(TELL_EVERY_MS, () => tell(`${Math.round((clock.monotonic() - startedAt) / 1_000)} s: ${clients.filter((client) => client.status().link.connected).length} connected, ${unsent()} objects without a receipt`))
  await pause(clock, seconds * 1_000)
  for (const client of clients) client.quiet()
  tell('Measured; waiting for the last receipts')
  const endsAt = clock.monotonic() + drainMs
  while (unsent() > 0 && clock.monotonic() < endsAt) await pause(clock, LOOK_EVERY_MS)
  stopTelling()
}

type Statuses = ReadonlyMap<string, ReturnType<LoadClient['status']>>

async function compare({ api, folder, devices, real, seconds }: LoadOptions, registered: readonly Registered[], statuses: Statuses): Promise<Omit<LoadReport, 'unsent' | 'cuts' | 'sensorToWallMs'>> {
  const produced = readJournal(join(folder, JOURNAL))
  const verdicts: DeviceVerdict[] = []
  for (let i = 0; i < registered.length; i += LEDGERS_AT_ONCE) {
    const some = registered.slice(i, i + LEDGERS_AT_ONCE)
    const ledgers = await Promise.all(some.map(({ device }) => api.get<Ledger>(`/devices/${device}/ledger`)))
    for (const [j, { device }] of some.entries()) {
      const spool = statuses.get(device)?.spool ?? { epoch: '', lastSeq: 0 }
      verdicts.push(judge({ device, produced: produced.get(device) ?? new Map(), spool, ledger: ledgers[j] as Ledger }))
    }
  }
  const total = (of: (verdict: DeviceVerdict) => number): number => verdicts.reduce((sum, verdict) => sum + of(verdict), 0)
  const worst = verdicts.filter(({ missing, invented, duplicates }) => missing + invented + duplicates > 0).slice(0, WORST)
  return { devices, real, seconds, produced: total((v) => v.produced), stored: total((v) => v.stored), missing: total((v) => v.missing), invented: total((v) => v.invented), duplicates: total((v) => v.duplicates), lost: total((v) => v.lost), worst }
}
