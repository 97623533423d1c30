import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Database, Queries, Rider } from '../db/database.ts'
import type { DurableHealth } from '../durable-health.ts'
import type { Journal } from '../files/journal.ts'
import { iso } from '../iso.ts'
import type { AuditRecord } from './audit-record.ts'
import type { LifeSign } from './life-sign-pg.ts'
import type { DueEntry, Dues } from './due.ts'

/**
 * Only a transaction that has changed something by then has an id, so one that only read leaves nothing. An entry that overtook it
 * by way of the journal is there already.
 */
const OWE = `
  insert into audit_due (record_id, at, station, record)
  select (d->'record'->>'id')::uuid, to_timestamp((d->'record'->>'atMs')::float8 / 1000.0), d->>'station', d->'record'
  from jsonb_array_elements($1::jsonb) d
  where pg_current_xact_id_if_assigned() is not null and not exists (select from audit a where a.record_id = (d->'record'->>'id')::uuid)
  on conflict (record_id) do nothing
  returning 1`

/** Rides with every transaction of a change: both stand, or neither. Its row is the last thing written, so waiting for one never holds a lock that another waits for. */
export function dueRider(dues: Dues): () => Rider | undefined {
  return () => {
    const owed = dues.owed()
    const entries = dues.entries()
    if (entries.length === 0) return undefined
    let written = false
    return {
      async join(queries) {
        written = (await queries.query(OWE, [JSON.stringify(entries)])).length > 0
      },
      stands() {
        if (written) for (const due of owed) due.stands = true
      },
    }
  }
}

/** Within the transaction that takes the entries into the audit. */
export async function settleDue(queries: Queries, ids: readonly string[]): Promise<void> {
  await queries.query('delete from audit_due where record_id = any($1::uuid[])', [ids])
}

export interface RecoverOptions {
  readonly database: Database
  readonly dues: Dues
  /** Takes records into the audit; those that are there already are left alone. */
  readonly write: (records: readonly AuditRecord[]) => Promise<void>
  readonly life: LifeSign
  readonly journal: Pick<Journal<AuditRecord>, 'drain' | 'depth'>
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
}

/** What a central station that runs owes so long belongs to one that hangs. */
export const LOST_AFTER_MS = 10 * 60_000
/** One that lost PostgreSQL for a moment is back by then, and writes the whole entry itself. */
const GONE_FOR_MS = 4_000
const LOOK_EVERY_MS = 2_000
const MOST = 500

/** Makes entries of what is owed and will not come by itself any more: its program was killed between the change and its entry. */
async function recoverDue({ database, dues, write, journal, clock }: RecoverOptions, gone: readonly string[]): Promise<number> {
  await database.query('delete from audit_due d using audit a where a.record_id = d.record_id')
  const rows = await database.query<DueEntry & { at: number }>('select station, at, record from audit_due where station = any($1) or at < $2 order by at limit $3', [[dues.station, ...gone], iso(clock.now() - LOST_AFTER_MS), MOST])
  // Whoever closed one had it in the journal before: what is not there after the journal is empty never will be.
  const lost = rows.filter(({ record }) => !dues.isOpen(record.id))
  if (lost.length === 0) return 0
  await journal.drain()
  if (journal.depth() > 0) return 0
  await write(lost.map(({ record }) => ({ ...record, detail: { ...record.detail, recovered: true } })))
  return lost.length
}

/** Stations that owe something and have been gone for a while. */
function watchOthers({ database, dues, life, clock }: RecoverOptions): () => Promise<string[]> {
  let goneSince = new Map<string, number>()
  return async () => {
    const owing = await database.query<{ station: string }>('select distinct station from audit_due where station <> $1', [dues.station])
    const since = new Map<string, number>()
    for (const { station } of owing) if (await life.isGone(station)) since.set(station, goneSince.get(station) ?? clock.monotonic())
    goneSince = since
    return [...since].flatMap(([station, at]) => (clock.monotonic() - at >= GONE_FOR_MS ? [station] : []))
  }
}

/** Looks after each start, whenever PostgreSQL is back, and every two seconds; meanwhile says that this station runs. */
export function watchDue(options: RecoverOptions): Stop {
  const { health, life, clock, log } = options
  const gone = watchOthers(options)
  let looking = false
  const look = async () => {
    if (looking || health.state() !== 'ok') return
    looking = true
    try {
      await life.hold()
      const count = await recoverDue(options, await gone())
      if (count > 0) log.warn({ count }, 'audit.recovered')
    } catch (err) {
      log.warn({ err }, 'audit.not_recovered')
    } finally {
      looking = false
    }
  }
  const stops = [clock.every(LOOK_EVERY_MS, () => void look()), health.onChange(() => void look())]
  void look()
  return () => {
    for (const stop of stops) stop()
  }
}
