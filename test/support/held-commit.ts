import { until } from '@vigil/ops/testing'
import { Client } from 'pg'
import { runs } from './processes.ts'

/** Any number nobody else locks. */
const LOCK = 20_261_128

/**
 * Lets a program be killed between its COMMIT and its answer: a deferred trigger holds every COMMIT that has touched the table, until the program
 * is stopped (so it never hears of it) and the COMMIT is let go.
 */
export async function killAfterCommit(databaseUrl: string, table: string, pid: number, act: () => void): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await client.query(`create or replace function hold_commit() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(${LOCK}); return null; end $$`)
    await client.query(`create constraint trigger hold_commit after insert or update on ${table} deferrable initially deferred for each row execute function hold_commit()`)
    act()
    await until(`a COMMIT on ${table} to wait`, 30_000, async () => ((await client.query(`select 1 from pg_locks where locktype = 'advisory' and not granted and objid = $1`, [LOCK])).rowCount ?? 0) > 0 || undefined)
    process.kill(pid, 'SIGSTOP')
    await client.query('select pg_advisory_unlock($1)', [LOCK])
    await until('the COMMIT to be through', 30_000, async () => ((await client.query(`select 1 from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and state = 'active' and query ilike 'commit%'`)).rowCount === 0 && (await heldBy(client)) === 0) || undefined)
    process.kill(pid, 'SIGKILL')
    await until('the program to be gone', 10_000, () => !runs(pid) || undefined)
  } finally {
    await client.query(`drop trigger if exists hold_commit on ${table}`).catch(() => undefined)
    await client.end()
  }
}

/** Transactions that still hold the lock they waited for: they end with their COMMIT. */
async function heldBy(client: Client): Promise<number> {
  return (await client.query(`select 1 from pg_locks where locktype = 'advisory' and objid = $1 and pid <> pg_backend_pid()`, [LOCK])).rowCount ?? 0
}
