import { join } from 'node:path'
import type { ProgramSpec } from '../supervisor/child.ts'
import { startSettings, type StartSettings } from './settings.ts'

export interface ProgramsContext {
  /** The checkout. */
  readonly root: string
  readonly dataDir: string
  readonly settings: StartSettings
  /** The environment of `npm start` itself: PATH, HOME, proxies. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export type ProgramName = 'postgres' | 'broker' | 'bridge' | 'central-station' | 'demo-ward'

type Env = Record<string, string | undefined>

const READY_LIMIT_MS = 60_000
/** Recovery after a power cut, and making the database on a slow disk. */
const POSTGRES_READY_LIMIT_MS = 180_000

/**
 * The young generation of V8 grows to two times 64 MB on a large machine and never goes back while there is work. An export of a phone then holds 370 MB, with 16 MB
 * 285, and is read as fast (docs/performance.md).
 */
export const STATION_NODE_ARGS: readonly string[] = ['--max-semi-space-size=16']

/** Where each program begins, and how long a stop leaves it at least; together these stay below the ward's ten seconds. */
const PROGRAMS: Readonly<Record<ProgramName, { title: string; entry: string; stopLimitMs: number; readyLimitMs?: number; nodeArgs?: readonly string[] }>> = {
  postgres: { title: 'PostgreSQL', entry: 'ops/src/cli/postgres.ts', stopLimitMs: 4_000, readyLimitMs: POSTGRES_READY_LIMIT_MS },
  broker: { title: 'the broker', entry: 'broker/src/cli/main.ts', stopLimitMs: 1_200 },
  bridge: { title: 'the ingest bridge', entry: 'ingest-bridge/src/cli/main.ts', stopLimitMs: 1_500 },
  'central-station': { title: 'the central station', entry: 'central-station/src/cli/main.ts', stopLimitMs: 1_500, nodeArgs: STATION_NODE_ARGS },
  'demo-ward': { title: 'the demo ward', entry: 'ops/src/cli/demo-ward.ts', stopLimitMs: 1_200 },
}

export const programNames = Object.keys(PROGRAMS) as readonly ProgramName[]

/** Settings that only one program may see. */
const PRIVATE = ['DATABASE_URL', 'VIGIL_ADMIN_PASSWORD'] as const

/** How to start one program: the settings of the ward, plus what this program alone is told. */
export function programSpec(name: ProgramName, context: ProgramsContext, own: Env = {}): ProgramSpec {
  const { entry, title, stopLimitMs, readyLimitMs = READY_LIMIT_MS, nodeArgs = [] } = PROGRAMS[name]
  return { name, title, nodeArgs, entry: join(context.root, entry), cwd: context.root, env: { ...sharedEnv(context), ...own }, readyLimitMs, stopLimitMs }
}

function sharedEnv({ env, settings, dataDir }: ProgramsContext): Env {
  const shared: Env = { ...env }
  for (const [key, spec] of Object.entries(startSettings)) {
    const value = settings[key as keyof StartSettings]
    shared[spec.env] = value === undefined ? undefined : String(value)
  }
  for (const name of PRIVATE) delete shared[name]
  return { ...shared, VIGIL_DATA: dataDir, VIGIL_MQTT_URL: mqttUrl(settings) }
}

/** Where the ward's own programs find the broker. */
export function mqttUrl(settings: StartSettings): string {
  return settings.mqttUrl ?? `mqtt://127.0.0.1:${settings.mqttPort}`
}
