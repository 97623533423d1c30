import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'

export interface Migration {
  /** File name without `.sql`, e.g. `0001_people_and_devices`. */
  readonly name: string
  readonly sql: string
  readonly sha256: string
  /** Whether programs of the previous release stop working with it. */
  readonly breaking: boolean
  /** False for files marked `-- no-transaction`, which may then hold `create index concurrently` and must be safe to repeat. */
  readonly transaction: boolean
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/
const SNAPSHOT = 'schema.sql'

/** All migrations of a folder in order. Anything that would make the order or the meaning doubtful is refused. */
export function readMigrations(directory: string): readonly Migration[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.sql') && file !== SNAPSHOT).sort()
  if (files.length === 0) throw new AppError('MIGRATION_FAILED', `No migrations in ${directory}.`)
  return files.map((file, index) => {
    const number = FILE_NAME.exec(file)?.[1]
    if (number === undefined) throw refused(file, 'is not named NNNN_words_in_lower_case.sql')
    if (Number(number) !== index + 1) throw refused(file, `should have number ${String(index + 1).padStart(4, '0')}: numbers begin at 0001, without gap or double`)
    return parseMigration(file, readFileSync(join(directory, file), 'utf8'))
  })
}

/** The marks are comments in the file's first block, so that they are read before the SQL. */
export function parseMigration(file: string, text: string): Migration {
  // Git on Windows may change line ends; that is no edit.
  const sql = text.replaceAll('\r\n', '\n')
  const header = /^(?:--.*(?:\n|$)|\s*\n)*/.exec(sql)?.[0] ?? ''
  const breaking = /^-- breaking: (yes|no)$/m.exec(header)?.[1]
  if (breaking === undefined) throw refused(file, 'does not begin with "-- breaking: yes" or "-- breaking: no"')
  return {
    name: file.replace(/\.sql$/, ''),
    sql,
    sha256: createHash('sha256').update(sql).digest('hex'),
    breaking: breaking === 'yes',
    transaction: !/^-- no-transaction$/m.test(header),
  }
}

function refused(file: string, why: string): AppError {
  return new AppError('MIGRATION_FAILED', `Migration ${file} ${why}.`, { details: { file } })
}
