import type pg from 'pg'
import { withClient } from '../postgres/database.ts'
import { schemaQueries } from './schema-queries.ts'

const HEADING = `-- Made from migrations/*.sql by "npm run schema"; never edited by hand.
-- Shows a change of the schema as one readable difference, and tells the doctor what the database should look like.
`

/** The schema of a database as SQL that would make it again, always in the same words and order. */
export async function describeSchema(url: string): Promise<string> {
  return withClient(url, async (client) => {
    await client.query('set search_path = public')
    const parts: string[] = []
    for (const sql of Object.values(schemaQueries)) {
      const lines = await readLines(client, sql)
      if (lines.length > 0) parts.push(lines.join('\n'))
    }
    return `${HEADING}\n${parts.join('\n\n')}\n`
  })
}

/** Sorted by characters here, not by the database: its sorting rules differ from one to the next. */
async function readLines(client: pg.Client, sql: string): Promise<readonly string[]> {
  return (await client.query<{ line: string }>(sql)).rows.map((row) => row.line.trimEnd()).sort()
}

/** The lines two schemas do not share, for a person to read: what is missing here, and what is here too much. */
export function schemaDifference(expected: string, found: string): { missing: readonly string[]; unexpected: readonly string[] } {
  const expectedLines = significant(expected)
  const foundLines = significant(found)
  const inFound = new Set(foundLines)
  const inExpected = new Set(expectedLines)
  return { missing: expectedLines.filter((line) => !inFound.has(line)), unexpected: foundLines.filter((line) => !inExpected.has(line)) }
}

function significant(schema: string): readonly string[] {
  return schema.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('--'))
}
