import { Counter } from 'prom-client'
import { AppError } from '@vigil/contract'
import { readAllowed } from '@vigil/program'
import type { Audit } from '../audit/audit.ts'
import { openBecalmDoor } from '../becalm/becalm-app.ts'
import { createBecalmStore } from '../becalm/becalm-store-pg.ts'
import { createBecalm } from '../becalm/becalm.ts'
import { readStations } from '../becalm/stations.ts'
import type { Foundation } from './foundation.ts'

export interface BecalmSettings {
  readonly becalmPort?: number | undefined
  readonly becalmStations?: string | undefined
  readonly becalmAllow?: string | undefined
  readonly becalmOrigin?: string | undefined
  readonly bind: string
}

export interface BecalmDoor {
  /** `undefined` while the door is closed. */
  readonly port: number | undefined
  stop(): Promise<void>
}

const closed: BecalmDoor = { port: undefined, stop: async () => undefined }

/** @throws AppError SETTINGS_INVALID, PORT_TAKEN */
export async function assembleBecalm({ database, registry, metrics, clock, log }: Pick<Foundation, 'database' | 'registry' | 'metrics' | 'clock' | 'log'>, audit: Audit, settings: BecalmSettings): Promise<BecalmDoor> {
  const { becalmPort: port, becalmStations, becalmAllow = '127.0.0.1,::1', becalmOrigin: pageOrigin, bind } = settings
  if (port === undefined) return closed
  if (becalmStations === undefined) throw new AppError('SETTINGS_INVALID', 'VIGIL_BECALM_PORT is set, so VIGIL_BECALM_STATIONS must say which station is which device, e.g. 2:1=becalm-1.')
  const rows = new Counter({ name: 'vigil_becalm_rows_total', help: 'Rows of becalm stations, by what became of them', labelNames: ['outcome'], registers: [metrics] })
  const count = (outcome: string, n: number) => rows.inc({ outcome }, n)
  const becalm = createBecalm({ stations: readStations(becalmStations), store: createBecalmStore(database), registry, clock, count })
  return openBecalmDoor({ becalm, port, bind, isAllowed: readAllowed(becalmAllow, 'VIGIL_BECALM_ALLOW'), pageOrigin, audit, count, clock, log })
}
