import pg from 'pg'
import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { doneWithin } from '../time-limit.ts'
import type { Database, Queries, Rider } from './database.ts'
import { asDatabaseError, databaseAway, isAway } from './database-errors.ts'
import { watchHealth } from './database-health.ts'

export interface DatabaseOptions {
  readonly url: string
  readonly clock: Clock
  readonly log: Log
  readonly connections?: number
  /** Client-side limit: a frozen server hangs the pool for ever otherwise (`statement_timeout` runs on the server). */
  readonly queryTimeoutMs?: number
  /** What rides with the next transaction; asked when it begins. */
  readonly rider?: () => Rider | undefined
}

const CONNECTIONS = 8
const QUERY_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 2_000
const PROBE_TIMEOUT_MS = 2_000
/** A frozen server never answers the goodbye. */
const GOODBYE_LIMIT_MS = 1_000

/** A statement by itself that may change something; with a rider both are one transaction. */
const MAY_CHANGE = /^\s*(insert|update|delete|with)\b/i

const INT8 = 20
const DATE = 1082
const TIMESTAMPTZ = 1184

const defaultParser = pg.types.getTypeParser as (oid: number, format: 'text' | 'binary') => (text: string) => unknown

/** Rows carry times as ms since the Unix epoch, counts as numbers, and dates as written: never a Date of the local zone. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8) return Number
    if (oid === TIMESTAMPTZ) return (text: string) => Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
    if (oid === DATE) return (text: string) => text
    return defaultParser(oid, format ?? 'text')
  },
}

/** A pool with a breaker: while PostgreSQL is away every query fails at once, so nobody waits for a dead server. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, clock, log, connections = CONNECTIONS, queryTimeoutMs = QUERY_TIMEOUT_MS, rider = () => undefined } = options
  const shared = { connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true, application_name: 'vigil-central', types }
  const pool = new pg.Pool({ ...shared, max: connections, query_timeout: queryTimeoutMs, idleTimeoutMillis: 60_000 })
  const prober = new pg.Pool({ ...shared, max: 1, query_timeout: PROBE_TIMEOUT_MS })
  // Without a listener a connection lost while idle ends the process; the next query or probe notices anyway.
  pool.on('error', () => health.doubt())
  prober.on('error', () => health.doubt())
  // Asks for a table, so that a database without tables yet counts as away.
  const health = watchHealth({ clock, log, probe: async () => void (await prober.query('select 1 from ward limit 1')) })

  const guard = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      if (isAway(error)) health.doubt()
      throw asDatabaseError(error)
    }
  }
  const refuseWhenAway = () => {
    if (health.state() === 'away') throw databaseAway()
  }

  return {
    health,
    async query<R extends object>(text: string, values: readonly unknown[] = []) {
      refuseWhenAway()
      const riding = MAY_CHANGE.test(text) ? rider() : undefined
      if (riding) return guard(() => inTransaction(pool, (queries) => queries.query<R>(text, values), riding))
      return guard(async () => (await pool.query(text, [...values])).rows as R[])
    },
    async transaction(run) {
      refuseWhenAway()
      return guard(() => inTransaction(pool, run, rider()))
    },
    async stop() {
      health.stop()
      await doneWithin(clock, GOODBYE_LIMIT_MS, Promise.all([pool.end(), prober.end()]))
    },
  }
}

async function inTransaction<T>(pool: pg.Pool, run: (queries: Queries) => Promise<T>, rider: Rider | undefined): Promise<T> {
  const client = await pool.connect()
  // A connection cut while it is lent out has nobody else listening, and that would end the process; its query fails anyway.
  const ignore = () => undefined
  client.on('error', ignore)
  try {
    await client.query('begin')
    const queries: Queries = { query: async <R extends object>(text: string, values: readonly unknown[] = []) => (await client.query(text, [...values])).rows as R[] }
    const result = await run(queries)
    await rider?.join(queries)
    await client.query('commit')
    rider?.stands()
    client.removeListener('error', ignore)
    client.release()
    return result
  } catch (error) {
    // The server rolls back when the connection goes; a rollback of our own could hang on a frozen one.
    client.release(true)
    throw error
  }
}
