import pg from 'pg'
import { startTestPostgres } from '@vigil/ops/testing'

export { freePort } from '@vigil/ops/testing'

export interface TestPostgres {
  /** A database made from the migrated template, for this test alone. */
  database(): Promise<string>
  /** Ends the server as a crash does. */
  kill(): Promise<void>
  /** Starts it again on the same port and data. */
  startAgain(): Promise<void>
  /** Freezes every process of the server; connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** A real PostgreSQL on a free port, with all migrations applied to a template database. */
export async function startPostgres(): Promise<TestPostgres> {
  const postgres = await startTestPostgres({ survives: 'kill', settings: ['shared_buffers=32MB', 'jit=off'] })
  return {
    database: () => postgres.createDatabase(),
    kill: () => postgres.kill(),
    startAgain: () => postgres.restart(),
    freeze: () => postgres.freeze(),
    thaw: () => postgres.thaw(),
    stop: () => postgres.stop(),
  }
}

/** Runs statements on a connection of their own. */
export async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Rows of one query on a connection of its own. */
export async function rows<R extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text, [...values])).rows as R[]
  } finally {
    await client.end()
  }
}
