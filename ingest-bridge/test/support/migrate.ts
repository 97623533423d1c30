import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { MIGRATIONS } from './postgres-server.ts'

/** Applies the migration files in order. */
export async function migrate(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (const file of readdirSync(MIGRATIONS).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort()) {
      await client.query(readFileSync(join(MIGRATIONS, file), 'utf8'))
    }
  })
}

export async function withClient<T>(url: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, query_timeout: 15_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}
