import fc from 'fast-check'
import { coreSignals, wireSignals } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { handBridge, type HandBridge } from '../support/hand-bridge.ts'
import { expectWhole, keepShadow } from '../support/shadow.ts'
import { until } from '../support/until.ts'

const T0 = Date.UTC(2026, 2, 1, 21)
const NOW = T0 + 20 * 3_600_000
const AFTER_MS = 30 * 60_000
let database: TestDatabase
let clock: ManualClock
let hand: HandBridge

beforeAll(async () => {
  database = await freshDatabase()
  await keepShadow(database)
})
afterAll(() => database.close())
beforeEach(() => {
  clock = manualClock(NOW)
  hand = handBridge(database.url, { clock, closeAfterMs: AFTER_MS })
})
afterEach(() => hand.stop())

const settled = () => until(() => hand.source.unsettled() === 0, 'every message to be settled')

/** The roll-ups of a device agree with those worked out from every row that ever went in. */
async function expectRolledUp(deviceNo: number): Promise<void> {
  const values = coreSignals.map((name) => `(${wireSignals[name][0]}, ${name})`).join(', ')
  for (const [table, unit] of [['rollup_1m', 'minute'], ['rollup_1h', 'hour']] as const) {
    const wanted = await database.query<Rolled>(
      `select v.signal, date_trunc('${unit}', t) as bucket, count(*)::int as n, min(v), max(v), avg(v)::float8 as mean, (array_agg(v order by t desc, ledger_no desc, seq desc))[1] as last
       from shadow cross join lateral (values ${values}) as v (signal, v) where device_no = $1 and v is not null group by 1, 2 order by 1, 2`,
      [deviceNo],
    )
    const found = await database.query<Rolled>(`select signal, bucket, n, min, max, mean::float8, last from ${table} where device_no = $1 order by 1, 2`, [deviceNo])
    expect(found.map((row) => ({ ...row, mean: 0 }))).toEqual(wanted.map((row) => ({ ...row, mean: 0 })))
    for (const [i, { mean }] of found.entries()) expect(mean).toBeCloseTo(wanted[i]?.mean ?? Number.NaN, 4)
  }
}

interface Rolled extends Record<string, unknown> {
  readonly mean: number
}

// A device's days in pieces, any order, any lateness; values that fit a scale and values that do not; remarks, events, unknown names.
const piece = fc.record({
  from: fc.integer({ min: -20 * 3_600, max: 6 * 3_600 }),
  every: fc.constantFrom(1, 7, 45, 600),
  count: fc.integer({ min: 1, max: 80 }),
  epoch: fc.constantFrom('a', 'b'),
  signals: fc.subarray(['pr', 'spo2', 'temp', 'paw', 'batt', 'rssi', 'nobody'], { minLength: 0, maxLength: 5 }),
  value: fc.constantFrom(36.6, 41, 20.123_456_789, 33.333, 59.5),
  remark: fc.constantFrom({}, { q: { spo2: 'low' } }, { x: { temp: 'warmup' }, sq: { spo2: 87 } }, { sq: { strange: 3 } }),
  afterwards: fc.constantFrom('nothing', 'close', 'roll up', 'close meanwhile', 'close twice'),
})

let devices = 0
describe('closing', () => {
  it('keeps every row exactly once and to the bit, and the roll-ups true, whatever comes late, twice or out of order', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const device = `c${devices++}`
        const no = await database.register(device)
        const next: Record<string, number> = { a: 1, b: 1 }
        for (const { from, every, count, epoch, signals, value, remark, afterwards } of pieces) {
          const s = next[epoch] as number
          next[epoch] = s + count
          const objects = Array.from({ length: count }, (_, i) => ({ e: epoch, s: s + i, t: T0 + (from + i * every) * 1_000 + (i % 3), m: Object.fromEntries(signals.map((name, k) => [name, value + ((i * (k + 3)) % 17) / 10])), ...remark }))
          hand.source.deliver(device, 'backlog', objects, NOW)
          if (afterwards === 'close meanwhile') await hand.bridge.closeNow()
          await settled()
          if (afterwards === 'roll up') await hand.bridge.rollUpNow()
          if (afterwards.startsWith('close ') || afterwards === 'close') await hand.bridge.closeNow()
          if (afterwards === 'close twice') expect(await hand.bridge.closeNow()).toBe(0)
          // The same again: known numbers, stored no second time.
          hand.source.deliver(device, 'backlog', objects.slice(0, 3), NOW)
          await settled()
        }
        await Promise.all([hand.bridge.closeNow(), hand.bridge.rollUpNow()])
        await hand.bridge.rollUpNow()
        const { open, closed } = await expectWhole(database, no)
        const [counted] = await database.query<{ old: number }>('select count(*)::int as old from shadow where device_no = $1 and t < to_timestamp($2::float8 / 1000)', [no, NOW - AFTER_MS])
        expect(closed).toBe(counted?.old)
        expect(open).toBeGreaterThanOrEqual(0)
        await expectRolledUp(no)
      }),
      { numRuns: 25, seed: 7, endOnFailure: true },
    )
  })

  it('leaves what was measured lately, and takes it when its time has come', async () => {
    const no = await database.register('live')
    for (let s = 1; s <= 120; s++) hand.source.deliver('live', 'tele', { e: 'a', s, t: NOW - s * 60_000, m: { pr: 60 + (s % 9) } }, NOW)
    await settled()
    await hand.bridge.closeNow()
    expect(await expectWhole(database, no)).toEqual({ open: 30, closed: 90 })
    clock.advance(10 * 60_000)
    await hand.bridge.closeNow()
    expect(await expectWhole(database, no)).toEqual({ open: 20, closed: 100 })
  })

  it('keeps what the ledger needs beside the packed rows', async () => {
    const no = await database.register('heads')
    hand.source.deliver('heads', 'backlog', [3, 4, 9].map((s) => ({ e: 'x', s, t: T0 + s * 1_000, m: { pr: 70 } })), T0 + 9_500)
    hand.source.deliver('heads', 'backlog', [1, 2].map((s) => ({ e: 'y', s, t: T0 + 60_000 + s, m: { pr: 70 } })), NOW)
    await settled()
    await hand.bridge.closeNow()
    const [head] = await database.query('select n, late, first_t, last_t, array_length(ledgers, 1) as epochs, seq_from::int[] as f, seq_to::int[] as t from segment where device_no = $1', [no])
    expect(head).toEqual({ n: 5, late: 2, first_t: new Date(T0 + 3_000), last_t: new Date(T0 + 60_002), epochs: 2, f: [3, 1], t: [9, 2] })
  })

  it('leaves an hour open that would not come back exactly, says so, and closes all others', async () => {
    const [bad, good] = [await database.register('nan'), await database.register('fine')]
    for (const device of ['nan', 'fine']) hand.source.deliver(device, 'backlog', { e: 'a', s: 1, t: T0, m: { pr: 70 } }, NOW)
    await settled()
    await database.query(`update sample set pr = 'NaN' where device_no = $1`, [bad])
    await hand.bridge.closeNow()
    expect(await database.query('select device_no from segment where device_no = any($1)', [[bad, good]])).toEqual([{ device_no: good }])
    expect(await database.query('select pr from sample where device_no = $1', [bad])).toEqual([{ pr: Number.NaN }])
    expect(await hand.metric('closing_inexact_total')).toBe(1)
    await database.query('delete from sample where device_no = $1', [bad])
  })

  it('drops a day that has become empty, and late data makes it anew', async () => {
    const no = await database.register('old')
    const days = () => database.query<{ name: string }>(`select relname as name from pg_class where relname = 'sample_20260210'`)
    const old = Date.UTC(2026, 1, 10, 12)
    hand.source.deliver('old', 'backlog', { e: 'a', s: 1, t: old, m: { pr: 70 } }, NOW)
    await settled()
    expect(await days()).toHaveLength(1)
    await hand.bridge.closeNow()
    expect(await days()).toEqual([])
    hand.source.deliver('old', 'backlog', { e: 'a', s: 2, t: old + 1_000, m: { pr: 71 } }, NOW)
    await settled()
    await hand.bridge.closeNow()
    expect(await expectWhole(database, no)).toEqual({ open: 0, closed: 2 })
  })
})
