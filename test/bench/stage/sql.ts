import { Client } from 'pg'

/** One statement on a connection of its own. */
export async function query<R = Record<string, unknown>>(url: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text, [...values])).rows as R[]
  } finally {
    await client.end()
  }
}
