import { AppError } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { Pool } from 'pg'
import type { Verifier } from './verifiers.ts'

/** Client-side limit of every question: a frozen server hangs the pool for ever otherwise. */
const QUERY_TIMEOUT_MS = 2_000

const COLUMNS = 'id, site, secret_mac, secret_mac_previous, secret_previous_until, retired_at'

interface DeviceRow {
  readonly id: string
  readonly site: string
  readonly secret_mac: Buffer
  readonly secret_mac_previous: Buffer | null
  readonly secret_previous_until: Date | null
  readonly retired_at: Date | null
}

/** Questions to the `device` table. Each throws AppError DATABASE_AWAY when there is no answer within two seconds. */
export interface Registry {
  all(): Promise<Map<string, Verifier>>
  some(devices: readonly string[]): Promise<Map<string, Verifier>>
  /** Whether the last question was answered. */
  readonly link: boolean
  stop(): Promise<void>
}

export function createPgRegistry(databaseUrl: string, log: Log): Registry {
  const pool = new Pool({ connectionString: databaseUrl, max: 2, query_timeout: QUERY_TIMEOUT_MS, connectionTimeoutMillis: QUERY_TIMEOUT_MS, keepAlive: true, application_name: 'vigil-broker' })
  pool.on('error', (error) => log.warn({ why: error.message }, 'broker.registry_connection_lost'))
  let link = false

  const say = (up: boolean) => {
    if (link !== up) log[up ? 'info' : 'warn'](up ? 'broker.registry_reached' : 'broker.registry_away')
    link = up
  }
  const ask = async (where: string, values: unknown[]): Promise<Map<string, Verifier>> => {
    try {
      const { rows } = await pool.query<DeviceRow>(`select ${COLUMNS} from device ${where}`, values)
      say(true)
      return new Map(rows.map((row) => [row.id, verifierOf(row)]))
    } catch (error) {
      say(false)
      throw new AppError('DATABASE_AWAY', 'The device registry cannot be read: PostgreSQL does not answer. Known devices still connect.', { cause: error })
    }
  }

  return {
    all: () => ask('', []),
    some: (devices) => ask('where id = any($1)', [devices]),
    get link() {
      return link
    },
    stop: () => pool.end(),
  }
}

function verifierOf(row: DeviceRow): Verifier {
  const { secret_mac_previous: previousMac, secret_previous_until: until } = row
  return {
    site: row.site,
    mac: row.secret_mac.toString('base64'),
    retired: row.retired_at !== null,
    // A previous secret without an end would be valid for ever; it is not valid at all.
    ...(previousMac && until ? { previous: { mac: previousMac.toString('base64'), untilMs: until.getTime() } } : {}),
  }
}
