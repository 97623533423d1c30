import { AppError } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { Pool, type QueryResultRow } from 'pg'
import type { Verifier } from './verifiers.ts'

/** Client-side limit of every question: a frozen server hangs the pool for ever otherwise. */
const QUERY_TIMEOUT_MS = 2_000
/** Sign-ins of phones under way at once; a flood of made-up ones must not fill the queue that devices wait in. */
const PHONES_AT_ONCE = 16

// Who has revoked a device has revoked every way in.
const FROM = `select d.id, d.site, d.secret_mac, d.secret_mac_previous, d.secret_previous_until, d.retired_at,
    a.product_key, a.device_name, a.secret_sealed, a.services, a.settings
  from device d left join alink_device a on a.device_no = d.no and d.revoked_at is null`

interface DeviceRow {
  readonly id: string
  readonly site: string
  readonly secret_mac: Buffer
  readonly secret_mac_previous: Buffer | null
  readonly secret_previous_until: Date | null
  readonly retired_at: Date | null
  readonly product_key: string | null
  readonly device_name: string | null
  readonly secret_sealed: Buffer | null
  readonly services: string[] | null
  readonly settings: string[] | null
}

/** Questions to the `device` table. Each throws AppError DATABASE_AWAY when there is no answer within two seconds. */
export interface Registry {
  all(): Promise<Map<string, Verifier>>
  /** By device id, or by a user name of Alink. */
  some(names: readonly string[]): Promise<Map<string, Verifier>>
  /** SHA-256 of the token of a phone that may send. */
  phone(id: string): Promise<Buffer | undefined>
  /** Whether the last question was answered. */
  readonly link: boolean
  stop(): Promise<void>
}

export function createPgRegistry(databaseUrl: string, log: Log): Registry {
  const pool = new Pool({ connectionString: databaseUrl, max: 2, query_timeout: QUERY_TIMEOUT_MS, connectionTimeoutMillis: QUERY_TIMEOUT_MS, keepAlive: true, application_name: 'vigil-broker' })
  pool.on('error', (error) => log.warn({ why: error.message }, 'broker.registry_connection_lost'))
  let link = false
  let phonesAsked = 0

  const say = (up: boolean) => {
    if (link !== up) log[up ? 'info' : 'warn'](up ? 'broker.registry_reached' : 'broker.registry_away')
    link = up
  }
  const query = async <R extends QueryResultRow>(text: string, values: unknown[]): Promise<R[]> => {
    try {
      const { rows } = await pool.query<R>(text, values)
      say(true)
      return rows
    } catch (error) {
      say(false)
      throw new AppError('DATABASE_AWAY', 'The device registry cannot be read: PostgreSQL does not answer. Known devices still connect.', { cause: error })
    }
  }
  const ask = async (where: string, values: unknown[]) => new Map((await query<DeviceRow>(`${FROM} ${where}`, values)).map((row) => [row.id, verifierOf(row)]))
  const phone = async (id: string) => {
    if (phonesAsked >= PHONES_AT_ONCE) throw new AppError('DATABASE_AWAY', 'Too many phones sign in at once. Try again in a moment.')
    phonesAsked += 1
    try {
      const [row] = await query<{ token_hash: Buffer }>('select token_hash from health_source where id = $1 and revoked_at is null', [id])
      return row?.token_hash
    } finally {
      phonesAsked -= 1
    }
  }

  return {
    all: () => ask('', []),
    some: (names) => ask(`where d.id = any($1) or a.device_name || '&' || a.product_key = any($1)`, [names]),
    phone,
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
    ...alinkOf(row),
  }
}

function alinkOf({ product_key: productKey, device_name: deviceName, secret_sealed: sealed, services, settings }: DeviceRow): Pick<Verifier, 'alink'> {
  if (productKey === null || deviceName === null || sealed === null) return {}
  return { alink: { productKey, deviceName, sealed: sealed.toString('base64'), services: services ?? [], settings: settings ?? [] } }
}
