import fc from 'fast-check'
import { coreSignals, wireSignals, type CoreSignalName } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { handBridge, type HandBridge } from '../support/hand-bridge.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let clock: ManualClock
let hand: HandBridge
const T0 = Date.UTC(2026, 2, 1, 10)
const NOW = T0 + 24 * 3_600_000
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(() => {
  clock = manualClock(NOW)
  hand = handBridge(database.url, { clock })
})
afterEach(async () => {
  await hand.stop()
  await database.query('delete from rollup_dirty')
})

const settled = () => until(() => hand.source.unsettled() === 0, 'every message to be settled')

interface Roll {
  signal: number
  bucket: number
  n: number
  min: number
  max: number
  mean: number
  last: number
}

/** The roll-up of a device as anyone would compute it from its samples, without an index, a mark or a batch. */
async function bruteForce(device: number, bucketMs: number): Promise<Roll[]> {
  const rows = await database.query<{ at: number } & Record<CoreSignalName, number | null>>(
    'select extract(epoch from t)::float8 * 1000 as at, * from sample where device_no = $1 order by t, ledger_no, seq',
    [device],
  )
  const rolls = new Map<string, Roll & { sum: number }>()
  for (const row of rows) {
    for (const name of coreSignals) {
      const value = row[name]
      if (value === null) continue
      const bucket = Math.floor(row.at / bucketMs) * bucketMs
      const signal = wireSignals[name][0]
      const roll = rolls.get(`${signal} ${bucket}`) ?? { signal, bucket, n: 0, min: value, max: value, mean: 0, last: value, sum: 0 }
      roll.n++
      roll.sum += value
      rolls.set(`${signal} ${bucket}`, Object.assign(roll, { min: Math.min(roll.min, value), max: Math.max(roll.max, value), mean: roll.sum / roll.n, last: value }))
    }
  }
  return [...rolls.values()].map(({ signal, bucket, n, min, max, mean, last }) => ({ signal, bucket, n, min, max, mean, last })).sort(byPlace)
}

async function stored(device: number, table: 'rollup_1m' | 'rollup_1h'): Promise<Roll[]> {
  const rows = await database.query<Roll>(`select signal, extract(epoch from bucket)::float8 * 1000 as bucket, n, min, max, mean, last from ${table} where device_no = $1`, [device])
  return rows.sort(byPlace)
}

const byPlace = (a: Roll, b: Roll) => a.signal - b.signal || a.bucket - b.bucket

/** Everything to the digit but the mean, which is kept in single precision. */
function expectSame(rolls: readonly Roll[], wanted: readonly Roll[]): void {
  expect(rolls.map((roll) => ({ ...roll, mean: 0 }))).toEqual(wanted.map((roll) => ({ ...roll, mean: 0 })))
  for (const [i, roll] of rolls.entries()) expect(roll.mean).toBeCloseTo((wanted[i] as Roll).mean, 3)
}

async function agrees(device: number): Promise<void> {
  const minutes = await bruteForce(device, 60_000)
  expect(minutes.length).toBeGreaterThan(0)
  expectSame(await stored(device, 'rollup_1m'), minutes)
  expectSame(await stored(device, 'rollup_1h'), await bruteForce(device, 3_600_000))
}

// A device's day in pieces: any order, any lateness, any subset of signals, work of the roll-up in between.
const piece = fc.record({
  from: fc.integer({ min: 0, max: 4 * 3_600 }),
  every: fc.constantFrom(1, 7, 45, 600),
  count: fc.integer({ min: 1, max: 60 }),
  signals: fc.subarray([...coreSignals], { minLength: 0, maxLength: 4 }),
  value: fc.integer({ min: 20, max: 60 }),
  afterwards: fc.constantFrom('nothing', 'roll up', 'roll up meanwhile'),
})

let devices = 0
it('agree with the samples whatever comes late, twice or out of order', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), async (pieces) => {
      const device = `r${devices++}`
      const no = await database.register(device)
      let s = 1
      hand.source.deliver(device, 'backlog', [{ e: 'a', s: s++, t: T0, m: { pr: 50 } }], NOW)
      for (const { from, every, count, signals, value, afterwards } of pieces) {
        const objects = Array.from({ length: count }, (_, i) => ({ e: 'a', s: s++, t: T0 + (from + i * every) * 1_000 + (i % 3), m: Object.fromEntries(signals.map((name, k) => [name, value + ((i * (k + 3)) % 17)])) }))
        hand.source.deliver(device, 'backlog', objects, NOW)
        const rolling = afterwards === 'nothing' ? undefined : hand.bridge.rollUpNow()
        if (afterwards === 'roll up') await rolling
        await settled()
        await rolling
      }
      await hand.bridge.rollUpNow()
      await agrees(no)
      expect(await database.query('select 1 from rollup_dirty')).toEqual([])
    }),
    { numRuns: 40, seed: 42 },
  )
})

it('tell no less of an hour whose samples and minutes were dropped as too old, when one more comes late', async () => {
  const no = await database.register('old-1')
  const hour = (): Promise<Roll[]> => stored(no, 'rollup_1h')
  hand.source.deliver('old-1', 'backlog', Array.from({ length: 40 }, (_, i) => ({ e: 'a', s: i + 1, t: T0 + i * 5_000, m: { pr: 60 + (i % 7) } })), NOW)
  await settled()
  await hand.bridge.rollUpNow()
  const [before] = await hour()
  expect(before?.n).toBe(40)
  await database.query('delete from sample where device_no = $1', [no])
  await database.query('delete from rollup_1m where device_no = $1 and bucket > $2', [no, new Date(T0)])
  for (const [s, t] of [[41, T0 + 1], [42, T0 + 90_000]] as const) hand.source.deliver('old-1', 'backlog', [{ e: 'a', s, t, m: { pr: 150 } }], NOW)
  await settled()
  await hand.bridge.rollUpNow()
  expect(await hour()).toEqual([before])
  expect((await stored(no, 'rollup_1m')).map(({ bucket, n }) => [bucket, n])).toEqual([[T0, 12], [T0 + 60_000, 1]])
})

it('leave a minute alone until it is over and settled', async () => {
  const no = await database.register('live-1')
  const minute = Math.floor(NOW / 60_000) * 60_000
  hand.source.deliver('live-1', 'tele', { e: 'a', s: 1, t: minute + 500, m: { pr: 70 } }, minute + 600)
  await settled()
  expect(await hand.bridge.rollUpNow()).toBe(0)
  clock.advance(64_999 - (NOW - minute))
  expect(await hand.bridge.rollUpNow()).toBe(0)
  expect(await stored(no, 'rollup_1m')).toEqual([])
  clock.advance(1)
  expect(await hand.bridge.rollUpNow()).toBe(1)
  await agrees(no)
})

it('mark a live minute once, not once per reading', async () => {
  const no = await database.register('live-2')
  const marks = () => database.query<{ marked_at: Date }>('select marked_at from rollup_dirty where device_no = $1', [no])
  hand.source.deliver('live-2', 'tele', { e: 'a', s: 1, t: NOW, m: { pr: 70 } }, NOW)
  await settled()
  const first = await marks()
  for (let s = 2; s < 20; s++) {
    hand.source.deliver('live-2', 'tele', { e: 'a', s, t: NOW + s, m: { pr: 70 } }, NOW)
    await settled()
  }
  expect(await marks()).toEqual(first)
  // Long before another bridge may take the mark over, it is written anew.
  clock.advance(121_000)
  hand.source.deliver('live-2', 'tele', { e: 'a', s: 20, t: NOW + 20, m: { pr: 70 } }, NOW)
  await settled()
  expect(await marks()).not.toEqual(first)
})

it('of a bridge that stopped are finished by another at once, of one that vanished after five minutes', async () => {
  const [stopped, vanished] = [await database.register('gone-1'), await database.register('gone-2')]
  const other = handBridge(database.url, { clock })
  other.source.deliver('gone-1', 'tele', { e: 'a', s: 1, t: NOW, m: { pr: 70 } }, NOW)
  await until(() => other.source.unsettled() === 0, 'the reading to be stored')
  await other.stop()
  await database.query(`insert into rollup_dirty (bucket, device_no, bridge, marked_at) values (to_timestamp($1::float8 / 1000), $2, 'vanished', now() - interval '4 min')`, [T0, vanished])
  clock.advance(120_000)
  await hand.bridge.rollUpNow()
  await agrees(stopped)
  expect(await database.query('select device_no, bridge from rollup_dirty')).toEqual([{ device_no: vanished, bridge: 'vanished' }])
  await database.query(`update rollup_dirty set marked_at = now() - interval '5 min 1 s' where bridge = 'vanished'`)
  await hand.bridge.rollUpNow()
  expect(await database.query('select device_no, bridge from rollup_dirty')).toEqual([])
})

it('of two bridges at once agree with the samples of both', { timeout: 60_000 }, async () => {
  const no = await database.register('two')
  const other = handBridge(database.url, { clock })
  const both = [hand, other]
  for (let round = 0; round < 40; round++) {
    for (const [i, { source }] of both.entries()) {
      const first = (2 * round + i) * 20 + 1
      source.deliver('two', 'backlog', Array.from({ length: 20 }, (_, k) => ({ e: 'a', s: first + k, t: T0 + ((first + k) % 200) * 1_000, m: { pr: 50 + ((first + k) % 40) } })), NOW)
    }
    await Promise.all(both.map(({ bridge }) => bridge.rollUpNow()))
  }
  await until(() => both.every(({ source }) => source.unsettled() === 0), 'every message to be settled')
  await Promise.all(both.map(({ bridge }) => bridge.rollUpNow()))
  await agrees(no)
  await other.stop()
})
