import { join } from 'node:path'
import { startTestPostgres } from '@vigil/ops/testing'
import { Client } from 'pg'

export { freePort } from '@vigil/ops/testing'

export const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', 'migrations')

export interface PostgresServer {
  readonly port: number
  readonly pid: number
  url(database: string): string
  /** Sends a signal to the postmaster and every process of it: SIGSTOP freezes the whole server. */
  signal(name: NodeJS.Signals): void
  /** Starts the same cluster again on the same port, after a kill. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/**
 * A PostgreSQL of our own on a free port of 127.0.0.1, as durable as the ward's unless the settings say otherwise. Its addresses
 * carry no password, and `vigil` may make databases there: test files find it by its port alone.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const postgres = await startTestPostgres({ survives: 'power-cut', passwords: false, settings: Object.entries(settings).map(([name, value]) => `${name}=${value}`) })
  const asOwner = async (statement: string) => {
    const client = new Client({ connectionString: postgres.server.superuserUrl })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  await asOwner('alter role vigil createdb')
  // Those who use the server make this one themselves.
  await asOwner('drop database vigil')
  return {
    port: postgres.port,
    get pid() {
      return postgres.server.pid
    },
    url: (database) => `postgres://vigil@127.0.0.1:${postgres.port}/${database}`,
    signal: (name) => postgres.signal(name),
    async restart() {
      await postgres.restart()
      await asOwner('alter role vigil createdb')
    },
    stop: () => postgres.stop(),
  }
}
