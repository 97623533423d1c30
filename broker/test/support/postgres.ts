import { startTestPostgres } from '@vigil/ops/testing'
import { Client } from 'pg'

/** A real PostgreSQL with our tables, that can be taken away and given back. */
export interface TestPostgres {
  readonly url: string
  query(sql: string, values?: unknown[]): Promise<void>
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Keeps every process of it from running; connections stay open and say nothing. */
  freeze(): void
  thaw(): void
  remove(): Promise<void>
}

export async function createTestPostgres(): Promise<TestPostgres> {
  const postgres = await startTestPostgres({ survives: 'kill' })
  const url = await postgres.createDatabase()
  return {
    url,
    async query(sql, values) {
      const client = new Client({ connectionString: url })
      await client.connect()
      try {
        await (values ? client.query(sql, values) : client.query(sql))
      } finally {
        await client.end()
      }
    },
    kill: () => postgres.kill(),
    start: () => postgres.restart(),
    freeze: () => postgres.freeze(),
    thaw: () => postgres.thaw(),
    remove: () => postgres.stop(),
  }
}
