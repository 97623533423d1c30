import { join } from 'node:path'

/** The checkout this program runs from; ops stays at its top level. */
export const houseRoot = join(import.meta.dirname, '..', '..', '..')

export const migrationFolder = join(houseRoot, 'migrations')
export const snapshotFile = join(migrationFolder, 'schema.sql')
