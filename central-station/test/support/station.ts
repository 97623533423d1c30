import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@vigil/contract'
import { silentLog, systemClock } from '@vigil/program'
import { startCentralStation, type CentralStation } from '../../src/index.ts'
import { signIn, type TestApi } from './api.ts'
import { startBroker, type TestBroker } from './broker.ts'

export const PASSWORD = 'correct horse battery staple'

export interface TestStation {
  readonly http: string
  readonly data: string
  readonly broker: TestBroker
  readonly databaseUrl: string
  readonly admin: TestApi
  readonly station: CentralStation
  as(username: string, password: string): Promise<TestApi>
  /** Stops the station alone; broker and data stay. */
  stopStation(): Promise<void>
  /** Starts it again on the same data, with a sign-in only when asked. */
  startAgain(): Promise<CentralStation>
  stop(): Promise<void>
}

export interface TestStationOptions {
  readonly databaseUrl: string
  readonly clock?: Clock
  readonly webDist?: string
  /** `VIGIL_OUTBOUND_ALLOW` */
  readonly outboundAllow?: string
  /** `VIGIL_NOTIFY_FILE` */
  readonly notifyFile?: string
  /** `VIGIL_IHP_API` */
  readonly ihpApi?: boolean
  readonly becalm?: { readonly stations: string; readonly allow?: string; readonly origin?: string }
}

/** A whole central station with a real broker on free ports. */
export async function startStation({ databaseUrl, clock = systemClock, webDist = join(import.meta.dirname, 'no-such-app'), outboundAllow, notifyFile, ihpApi = false, becalm }: TestStationOptions): Promise<TestStation> {
  const data = mkdtempSync(join(tmpdir(), 'vigil-central-'))
  const broker = await startBroker()
  const start = () =>
    startCentralStation({ data, databaseUrl, mqttUrl: broker.url, bind: '127.0.0.1', httpPort: 0, adminPassword: PASSWORD, webDist, alarmEngine: 'inside', outboundAllow, notifyFile, ihpApi, clock, log: silentLog, ...(becalm && { becalmPort: 0, becalmStations: becalm.stations, becalmAllow: becalm.allow, becalmOrigin: becalm.origin }) })
  let station = await start()
  const admin = await signIn(station.http, 'admin', PASSWORD)
  return {
    data,
    broker,
    databaseUrl,
    admin,
    get http() {
      return station.http
    },
    get station() {
      return station
    },
    as: (username, password) => signIn(station.http, username, password),
    stopStation: () => station.stop(),
    async startAgain() {
      station = await start()
      return station
    },
    async stop() {
      await station.stop()
      await broker.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
