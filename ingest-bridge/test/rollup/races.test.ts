import { manualClock } from '@vigil/contract/testing/manual-clock'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { SampleItem } from '../../src/pipeline/item.ts'
import { createDirtyMarks, type DirtyMarks } from '../../src/rollup/dirty-marks.ts'
import { createRollupWorker, type RollupWorker } from '../../src/rollup/rollup-worker.ts'
import { type Connection, createConnection, type Database } from '../../src/store/connection.ts'
import { groupItems } from '../../src/store/groups.ts'
import { createLedger } from '../../src/store/ledger.ts'
import { createTransaction } from '../../src/store/transaction.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

// The moments at which a roll-up and a batch may overtake each other, each held open by hand.
const T0 = Date.UTC(2026, 2, 1, 10)
const clock = manualClock(T0 + 3_600_000)
let database: TestDatabase
let connections: Database[]
let device = 0
let no: number

beforeAll(async () => {
  database = await freshDatabase()
  await database.query(`select ensure_sample_partition('2026-03-01')`)
})
afterAll(() => database.close())
beforeEach(async () => {
  connections = []
  no = await database.register(`d${device++}`)
})
afterEach(async () => {
  for (const connection of connections) await connection.close()
})

const open = (): Database => {
  const made = createConnection({ url: database.url, name: 'race' })
  connections.push(made)
  return made
}

/** A database whose COMMITs wait for the test. */
function heldDatabase() {
  const real = open()
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const held: Database = {
    ...real,
    use: (run) =>
      real.use((connection) => {
        const slow: Connection = {
          ...connection,
          async copyAndCommit(copy, frames) {
            reached.resolve()
            await gate.promise
            await connection.copyAndCommit(copy, frames)
          },
        }
        return run(slow)
      }),
  }
  return { held, reached: reached.promise, letGo: gate.resolve }
}

function writer(on: Database, marks: DirtyMarks, bridgeId: string) {
  const write = createTransaction({ database: on, ledger: createLedger(), marks, clock, bridgeId })
  return (seq: number, pr: number, minute = 0) => {
    const address = { site: 'main', device: `d${device - 1}` }
    const from = { source: 'test', topic: '', address, receivedAt: T0, payload: Buffer.alloc(0) }
    const item: SampleItem = { kind: 'sample', from, epoch: bridgeId, seq, t: T0 + minute * 60_000 + seq, flags: 0, values: { pr }, quality: undefined, other: undefined }
    return write(groupItems([{ item, deviceNo: no, address, key: item }]), [])
  }
}

function worker(marks: DirtyMarks, bridgeId: string, settled: () => Promise<void> = async () => {}): RollupWorker {
  const nothing = () => {}
  return createRollupWorker({ database: open(), marks, clock, bridgeId, settled, busy: () => false, onRolledUp: nothing, onLooked: nothing, onFailure: nothing })
}

/** How many connections wait for a lock in such a query. */
const waitingFor = async (query: string): Promise<number> =>
  (await database.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like $1 and datname = current_database()`, [query])).length

const rolled = async (): Promise<number[][]> =>
  (await database.query<{ n: number; max: number }>('select n, max from rollup_1m where device_no = $1 order by bucket', [no])).map(({ n, max }) => [n, max])

it('a batch that relied on a mark is waited for before the mark is taken away', async () => {
  const marks = createDirtyMarks(clock)
  const normal = writer(open(), marks, 'one')
  await normal(1, 60)
  const { held, reached, letGo } = heldDatabase()
  const late = writer(held, marks, 'one')(2, 90)
  await reached
  let asked = false
  const rolling = worker(marks, 'one', async () => {
    asked = true
    await late
  }).runNow()
  await until(() => asked, 'the roll-up to ask for the batch in flight')
  letGo()
  await late
  await rolling
  expect(await rolled()).toEqual([[2, 90]])
})

it('a batch that marks anew while the mark is being taken away is either read or keeps its mark', async () => {
  const marks = createDirtyMarks(clock)
  await writer(open(), marks, 'one')(1, 60)
  // Another memory of the same bridge: it knows of no mark, so it writes one over the one that is there.
  const { held, reached, letGo } = heldDatabase()
  const late = writer(held, createDirtyMarks(clock), 'one')(2, 90)
  await reached
  const rolling = worker(marks, 'one')
  const round = rolling.runNow()
  await Promise.race([round, until(async () => (await waitingFor('%rollup_dirty%')) > 0, 'the roll-up to wait for the batch')])
  letGo()
  await late
  await round
  await rolling.runNow()
  expect(await rolled()).toEqual([[2, 90]])
})

it('a slow roll-up does not overwrite what another bridge has rolled up from newer data', async () => {
  const [one, two] = [createDirtyMarks(clock), createDirtyMarks(clock)]
  const first = writer(open(), one, 'one')
  for (const minute of [0, 1, 2]) await first(minute + 1, 60, minute)
  await worker(one, 'one').runNow()
  // Someone holds a result row of each neighbour, so the first bridge's roll-up starts, reads, and is held up in the middle.
  const blocker = new Client({ connectionString: database.url })
  await blocker.connect()
  await blocker.query('begin')
  await blocker.query('select 1 from rollup_1m where device_no = $1 and bucket <> to_timestamp($2::float8 / 1000) for update', [no, T0 + 60_000])
  for (const minute of [0, 1, 2]) await first(minute + 11, 61, minute)
  const slow = worker(one, 'one').runNow()
  await until(async () => (await waitingFor('%rollup_1m%')) > 0, 'the roll-up to be held up')
  await writer(open(), two, 'two')(21, 99, 1)
  const fast = worker(two, 'two').runNow()
  await Promise.race([fast, until(async () => (await waitingFor('%advisory%')) > 0, 'the other to wait its turn')])
  await blocker.query('commit')
  await blocker.end()
  await Promise.all([slow, fast])
  expect(await rolled()).toEqual([[2, 61], [3, 99], [2, 61]])
})
