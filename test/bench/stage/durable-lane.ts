import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureSecrets } from '@vigil/program'
import { freePort } from '@vigil/ops/testing'
import type { Board } from '../load/orders.ts'
import type { Program } from './child.ts'
import { query } from './sql.ts'
import type { Stage } from './stage.ts'

/** Far beyond what one board may say in a ward: here a few boards stand for many. */
const MESSAGE_RATE = '100000'

/** A ward's database with registered boards, without any program yet. */
export interface Registry {
  readonly databaseUrl: string
  readonly dataDir: string
  readonly boards: readonly Board[]
}

export interface DurableLane extends Registry {
  readonly port: number
  readonly broker: Program | undefined
  readonly bridge: Program
}

export function makeBoards(count: number): readonly Board[] {
  return Array.from({ length: count }, (_, i) => ({ id: `bench-${String(i + 1).padStart(5, '0')}`, site: 'main', secret: randomBytes(12).toString('hex') }))
}

export async function makeRegistry(stage: Stage, count: number): Promise<Registry> {
  const postgres = await stage.postgres()
  const databaseUrl = await postgres.createDatabase()
  const dataDir = join(stage.folder, `data-${randomBytes(4).toString('hex')}`)
  mkdirSync(dataDir)
  const { pepper } = ensureSecrets(dataDir)
  const boards = makeBoards(count)
  const macs = boards.map(({ secret }) => createHmac('sha256', pepper).update(secret).digest())
  await query(databaseUrl, `insert into device (id, mode, secret_mac) select id, 'test', mac from unnest($1::text[], $2::bytea[]) as b (id, mac)`, [boards.map(({ id }) => id), macs])
  return { databaseUrl, dataDir, boards }
}

/** Our broker as a program of its own. */
export async function startBroker(stage: Stage, { databaseUrl, dataDir }: Registry, settings: Readonly<Record<string, string>> = {}): Promise<{ broker: Program; port: number }> {
  const port = await freePort()
  const ports = { VIGIL_MQTT_PORT: String(port), VIGIL_MQTTS_PORT: '0', VIGIL_MQTT_WS_PORT: '0', VIGIL_BROKER_HEALTH_PORT: '0' }
  const env = { DATABASE_URL: databaseUrl, VIGIL_DATA: dataDir, VIGIL_LOG_LEVEL: 'warn', VIGIL_PUBACK: 'fast', VIGIL_MQTT_MESSAGE_RATE: MESSAGE_RATE, ...ports, ...settings }
  return { broker: await stage.ours('broker', 'broker/src/cli/main.ts', env), port }
}

export function startBridge(stage: Stage, { databaseUrl, dataDir }: Registry, port: number, settings: Readonly<Record<string, string>> = {}): Promise<Program> {
  const env = { DATABASE_URL: databaseUrl, VIGIL_DATA: dataDir, VIGIL_LOG_LEVEL: 'warn', VIGIL_MQTT_URL: `mqtt://127.0.0.1:${port}`, VIGIL_BRIDGE_HEALTH_PORT: '0', VIGIL_AMQP_PORT: '0', VIGIL_MLLP_PORT: '0', ...settings }
  return stage.ours('bridge', 'ingest-bridge/src/cli/main.ts', env)
}

/** Broker and bridge as separate programs over a database of their own. */
export async function startDurableLane(stage: Stage, count: number, bridgeSettings: Readonly<Record<string, string>> = {}): Promise<DurableLane> {
  const registry = await makeRegistry(stage, count)
  const { broker, port } = await startBroker(stage, registry)
  return { ...registry, port, broker, bridge: await startBridge(stage, registry, port, bridgeSettings) }
}
