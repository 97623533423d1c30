import type pg from 'pg'
import { AppError, type Clock } from '@vigil/contract'
import { pause, type Log } from '@vigil/program'
import { withClient } from '../postgres/database.ts'
import type { Migration } from './migration-files.ts'
import { splitStatements } from './split-statements.ts'

export interface MigrateOptions {
  readonly url: string
  readonly migrations: readonly Migration[]
  readonly clock: Clock
  readonly log: Log
  /** How long another starter may hold the lock before this one gives up. */
  readonly lockLimitMs?: number
}

export interface Applied {
  readonly name: string
  readonly sha256: string
}

const LOCK_KEY = '7233000'
const LOCK_LIMIT_MS = 120_000
const LOCK_POLL_MS = 200
/** Changing a big table takes its time; this only ends a wait for a server that has gone. */
const STATEMENT_LIMIT_MS = 3_600_000

/**
 * Brings the database to the newest migration and answers the names of those it applied. Two starters at once are safe:
 * the lock is asked for again and again instead of waited for, because a waiting session holds a snapshot that
 * `create index concurrently` of the other one would wait for in turn.
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  return withClient(options.url, async (client) => {
    await takeLock(client, options)
    try {
      await client.query(`create table if not exists vigil_migration (name text primary key, sha256 text not null, applied_at timestamptz not null default now(), took_ms int not null)`)
      const open = openMigrations(options.migrations, await readApplied(client))
      for (const migration of open) await apply(client, migration, options)
      return open.map((migration) => migration.name)
    } finally {
      await client.query('select pg_advisory_unlock($1::bigint)', [LOCK_KEY]).catch(() => undefined)
    }
  }, STATEMENT_LIMIT_MS)
}

async function takeLock(client: pg.Client, { clock, lockLimitMs = LOCK_LIMIT_MS }: MigrateOptions): Promise<void> {
  const until = clock.monotonic() + lockLimitMs
  for (;;) {
    const answer = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1::bigint) as got', [LOCK_KEY])
    if (answer.rows[0]?.got) return
    if (clock.monotonic() >= until) {
      throw new AppError('MIGRATION_FAILED', 'Another program has been changing this database for two minutes. Wait for it to finish, or stop it, and start again.')
    }
    await pause(clock, LOCK_POLL_MS)
  }
}

export async function readApplied(client: pg.Client): Promise<readonly Applied[]> {
  return (await client.query<Applied>('select name, sha256 from vigil_migration order by name')).rows
}

/** What is still to be applied. A database this release does not understand is left alone. */
export function openMigrations(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const { name, sha256 } of applied) {
    const migration = known.get(name)
    if (!migration) {
      throw new AppError('MIGRATION_FAILED', `The database has migration ${name}, which this release does not have: it was made by a newer one. Start that release, or restore an older backup.`, { details: { name } })
    }
    if (migration.sha256 !== sha256) {
      throw new AppError('MIGRATION_FAILED', `Migration ${name}.sql was edited after this database had applied it. Put the file back as it was and write the change as a new migration.`, { details: { name } })
    }
  }
  const done = new Set(applied.map(({ name }) => name))
  const open = migrations.filter((migration) => !done.has(migration.name))
  const lastDone = applied.at(-1)?.name ?? ''
  const early = open.find((migration) => migration.name < lastDone)
  if (early) throw new AppError('MIGRATION_FAILED', `Migration ${early.name}.sql comes before ${lastDone}, which this database has already applied. Give it the next free number.`, { details: { name: early.name } })
  return open
}

async function apply(client: pg.Client, migration: Migration, { clock, log }: MigrateOptions): Promise<void> {
  const startedAt = clock.monotonic()
  const record = () => client.query('insert into vigil_migration (name, sha256, took_ms) values ($1, $2, $3)', [migration.name, migration.sha256, Math.round(clock.monotonic() - startedAt)])
  try {
    if (migration.transaction) {
      await client.query('begin')
      await client.query(migration.sql)
      await record()
      await client.query('commit')
    } else {
      for (const statement of splitStatements(migration.sql)) await client.query(statement)
      await record()
    }
  } catch (cause) {
    await client.query('rollback').catch(() => undefined)
    const line = migration.transaction ? lineOf(migration.sql, cause) : ''
    throw new AppError('MIGRATION_FAILED', `Migration ${migration.name}.sql failed${line}: ${(cause as Error).message}`, { cause, details: { name: migration.name } })
  }
  log.info({ migration: migration.name, breaking: migration.breaking, tookMs: Math.round(clock.monotonic() - startedAt) }, 'migration.applied')
}

/** PostgreSQL reports a position in characters, counted from 1; people count lines. */
function lineOf(sql: string, error: unknown): string {
  const position = Number((error as { position?: string }).position)
  return Number.isInteger(position) && position > 0 ? ` at line ${sql.slice(0, position - 1).split('\n').length}` : ''
}
