import pg from 'pg'
import { AppError } from '@vigil/contract'

const CONNECT_LIMIT_MS = 2_000
const QUERY_LIMIT_MS = 30_000
export type Reachable = 'open' | 'not-yet' | 'wrong-password'

/** One connection for one piece of work; always let go of. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>, queryLimitMs = QUERY_LIMIT_MS): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS, query_timeout: queryLimitMs, application_name: 'vigil-ops' })
  // Without a listener a lost connection would end the process; the pending query reports it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Whether the server takes queries with this address and password. */
export async function tryConnect(url: string): Promise<Reachable> {
  try {
    await withClient(url, (client) => client.query('select 1'))
    return 'open'
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === '28P01' || code === '28000') return 'wrong-password'
    return 'not-yet'
  }
}


/** The ward's database and the role that owns it; the role may do nothing outside. Safe to repeat. */
export async function ensureDatabase(superuserUrl: string, role: string, password: string): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    // A statement that fails is written to the server's log, and this one holds a password.
    await client.query('set log_min_error_statement = panic')
    const name = client.escapeIdentifier(role)
    const roles = await client.query('select 1 from pg_roles where rolname = $1', [role])
    const verb = roles.rowCount === 0 ? 'create' : 'alter'
    await client.query(`${verb} role ${name} login nosuperuser nocreatedb nocreaterole password ${client.escapeLiteral(password)}`)
    // Where the database lies, so that the app can say how long its disk lasts.
    await client.query(`grant pg_read_all_settings to ${name}`)
    const databases = await client.query('select 1 from pg_database where datname = $1', [role])
    if (databases.rowCount === 0) await client.query(`create database ${name} owner ${name}`)
  })
}

/** A PostgreSQL of the operator's own: reachable and new enough, or one clear sentence. The address is told without its password. */
export async function assertUsable(url: string): Promise<{ version: string }> {
  const where = withoutPassword(url)
  let version: number
  try {
    version = await withClient(url, async (client) => Number((await client.query<{ v: string }>(`select current_setting('server_version_num') as v`)).rows[0]?.v))
  } catch (cause) {
    throw new AppError('DATABASE_AWAY', `PostgreSQL at ${where} (DATABASE_URL) does not answer: ${(cause as Error).message}`, { cause })
  }
  if (version < 160_000) throw new AppError('START_FAILED', `PostgreSQL at ${where} is version ${Math.floor(version / 10_000)}; Vigil needs 16 or newer.`)
  return { version: `${Math.floor(version / 10_000)}.${version % 10_000}` }
}

export function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.hostname}:${parsed.port || 5432}${parsed.pathname}`
  } catch {
    return 'the address given'
  }
}
