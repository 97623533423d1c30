import type { Clock, DemoContents, DemoRemoved } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Database } from '../db/database.ts'
import { askLong } from '../db/long-question.ts'
import type { DemoDataStore } from './demo-removal.ts'

/** Months of simulated samples take longer than any question of a screen may. */
const REMOVE_LIMIT_MS = 10 * 60_000

const CONTENTS = `select (select count(*)::int from patient where mode = 'demo') as patients, (select count(*)::int from demo_device) as devices, (select count(*)::int from demo_ward) as wards,
  (select count(*)::int from device d where d.mode = 'demo' and not exists (select from demo_device x where x.no = d.no)) + (select count(*)::int from ward w where w.mode = 'demo' and not exists (select from demo_ward x where x.id = w.id)) as kept`

export function createDemoDataStore({ database, url, clock, log }: { database: Database; url: string; clock: Clock; log: Log }): DemoDataStore {
  return {
    async contents() {
      const [row] = await database.query<DemoContents>(CONTENTS)
      return row ?? { patients: 0, devices: 0, wards: 0, kept: 0 }
    },
    quiet: () =>
      database.transaction(async (queries) => {
        await queries.query('update monitoring_interval set to_at = greatest(from_at, now()) where to_at is null and stay_id in (select id from demo_stay)')
        await queries.query('update stay_bed set to_at = greatest(from_at, now()) where to_at is null and stay_id in (select id from demo_stay)')
        await queries.query('update stay set discharged_at = greatest(admitted_at, now()), version = version + 1 where discharged_at is null and id in (select id from demo_stay)')
        await queries.query('update device set retired_at = now() where retired_at is null and no in (select no from demo_device)')
      }),
    remove: () =>
      askLong({ url, clock, log, limitMs: REMOVE_LIMIT_MS }, async (patient) => {
        const [row] = await patient.query<{ removed: DemoRemoved }>('select remove_demo() as removed')
        return (row as { removed: DemoRemoved }).removed
      }),
  }
}
