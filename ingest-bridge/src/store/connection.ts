import { Client, type ClientConfig, type QueryResult } from 'pg'
import { AppError } from '@vigil/contract'
import { CopyIn } from './copy-in.ts'
import { CopyOut, type RowFields } from './copy-out.ts'
import { sqlStateOf } from './refusal.ts'

/** A client-side limit: a frozen server never answers, and its own timeouts freeze with it. */
export const QUERY_TIMEOUT_MS = 5_000

export type Row = Readonly<Record<string, unknown>>

export interface Query {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly name?: string
}

/** A statement the server keeps ready for this connection, and what it is run with. */
export interface Prepared {
  readonly name: string
  readonly text: string
  /** SQL types of the values, in order. */
  readonly types: readonly string[]
  readonly values: readonly (readonly (string | number)[])[]
}

export interface Connection {
  query<R>(query: Query): Promise<R[]>
  /**
   * Begins a transaction, asks a first question and runs a prepared statement, in one round trip: nothing of it runs unless what stands before it has.
   * Answers the rows of both.
   */
  begin<R>(first: string, then: Prepared): Promise<readonly [readonly Row[], readonly R[]]>
  /** Copies the rows and commits, in one round trip. Throws unless the COMMIT really committed. */
  copyAndCommit(copy: string, frames: Buffer): Promise<void>
  /** Runs a `copy ... to stdout (format binary)`, row by row. */
  copyOut(copy: string, onRow: (fields: RowFields) => void): Promise<void>
  commit(): Promise<void>
}

export interface Database {
  /** Runs on the connection, one caller at a time; a failure undoes the transaction that `run` left open. */
  use<T>(run: (connection: Connection) => Promise<T>): Promise<T>
  /** Breaks off whatever runs and lets nothing begin: the program must stop, and the server does not answer. */
  abort(): void
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly url: string
  readonly name: string
  /** Called when a connection is made, the first time and after each loss. */
  readonly onConnected?: () => void
  /** Longest wait for an answer; five seconds unless told. */
  readonly queryTimeoutMs?: number
}

/**
 * One connection that is made when it is needed and thrown away when it fails: after a timeout nobody knows what the server
 * still does on it.
 */
export function createConnection({ url, name, onConnected, queryTimeoutMs = QUERY_TIMEOUT_MS }: ConnectionOptions): Database {
  let live: Client | undefined
  let connecting: Client | undefined
  let aborted = false

  const discard = (client: Client) => {
    if (live === client) live = undefined
    if (connecting === client) connecting = undefined
    // `end` would wait for a server that does not answer.
    client.connection.stream.destroy()
  }

  const connect = async (): Promise<Client> => {
    const client = new Client(configOf(url, name, queryTimeoutMs))
    client.on('error', () => discard(client))
    client.on('end', () => discard(client))
    connecting = client
    try {
      await client.connect()
      // A receipt promises that the row survives a power cut, whatever the server's default says.
      await client.query(`select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`)
    } catch (error) {
      discard(client)
      throw error
    }
    connecting = undefined
    live = client
    onConnected?.()
    return client
  }

  const runOn = async <T>(run: (connection: Connection) => Promise<T>): Promise<T> => {
    if (aborted) throw new AppError('DATABASE_AWAY', 'The program is stopping; nothing more is asked of the database.')
    const client = live ?? (await connect())
    try {
      return await run(facade(client))
    } catch (error) {
      // PostgreSQL's own refusal leaves the connection sound once the transaction is undone; anything else leaves it in doubt.
      const sound = sqlStateOf(error) !== undefined && (await client.query('rollback').then(() => true, () => false))
      if (!sound) discard(client)
      throw error
    }
  }

  let turn: Promise<unknown> = Promise.resolve()
  return {
    use(run) {
      const mine = turn.then(() => runOn(run))
      turn = mine.catch(() => undefined)
      return mine
    },
    abort() {
      aborted = true
      if (live) discard(live)
      if (connecting) discard(connecting)
    },
    async close() {
      await turn
      const client = live
      live = undefined
      await client?.end().catch(() => undefined)
    },
  }
}

function configOf(url: string, name: string, queryTimeoutMs: number): ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    query_timeout: queryTimeoutMs,
    connectionTimeoutMillis: QUERY_TIMEOUT_MS,
    keepAlive: true,
    // A bridge frozen in the middle of a transaction must not hold its locks against the others.
    idle_in_transaction_session_timeout: 2 * queryTimeoutMs,
    statement_timeout: 2 * queryTimeoutMs,
  }
}

/** Statements each connection has ready. */
const prepared = new WeakMap<Client, Set<string>>()

/** An array as PostgreSQL writes it (manual, 8.15.2), as one quoted literal. */
function literalOf(client: Client, list: readonly (string | number)[]): string {
  const parts = list.map((part) => (typeof part === 'number' ? String(part) : `"${part.replace(/["\\]/g, '\\$&')}"`))
  return client.escapeLiteral(`{${parts.join(',')}}`)
}

function facade(client: Client): Connection {
  return {
    async query<R>({ text, values, name }: Query): Promise<R[]> {
      // Several statements in one text answer one result each; the last one is asked for.
      const result: QueryResult | QueryResult[] = await client.query({ text, ...(values && { values: [...values] }), ...(name && { name }) })
      return (Array.isArray(result) ? result.at(-1) : result)?.rows as R[]
    },
    async begin<R>(first: string, { name, text, types, values }: Prepared): Promise<readonly [readonly Row[], readonly R[]]> {
      const known = prepared.get(client) ?? new Set()
      prepared.set(client, known)
      if (!known.has(name)) await client.query(`prepare ${name} (${types.join(', ')}) as ${text}`)
      known.add(name)
      // One text: the server stops at the first statement that fails (protocol, 54.2.2.1), so the last never runs outside of the transaction.
      const results: unknown = await client.query(`begin; ${first}; execute ${name} (${values.map((list) => literalOf(client, list)).join(', ')})`)
      const [, asked, taken] = results as readonly QueryResult[]
      return [(asked?.rows ?? []) as Row[], (taken?.rows ?? []) as R[]]
    },
    async copyAndCommit(copy, frames) {
      const tags = await client.query(new CopyIn(`${copy}; commit`, frames)).done
      assertCommitted(tags.at(-1))
    },
    copyOut: (copy, onRow) => client.query(new CopyOut(copy, onRow)).done,
    async commit() {
      assertCommitted((await client.query('commit')).command)
    },
  }
}

/** COMMIT of a transaction that has failed answers ROLLBACK, without any error. */
function assertCommitted(tag: string | undefined): void {
  if (tag !== 'COMMIT') throw new AppError('DATABASE_AWAY', `The database answered ${tag ?? 'nothing'} to COMMIT; the batch is tried again.`)
}
