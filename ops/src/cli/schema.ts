import { writeFileSync } from 'node:fs'
import { snapshotFile } from '../migrations/migration-folder.ts'
import { describeSchema } from '../migrations/schema-snapshot.ts'
import { startTestPostgres } from '../testing/test-postgres.ts'

// Writes migrations/schema.sql anew from the migrations, on a PostgreSQL that is made for it and thrown away.
const postgres = await startTestPostgres()
try {
  writeFileSync(snapshotFile, await describeSchema(await postgres.createDatabase()))
  process.stdout.write(`Wrote ${snapshotFile}\n`)
} finally {
  await postgres.stop()
}
