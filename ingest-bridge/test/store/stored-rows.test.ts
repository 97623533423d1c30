import { coreSignals, EARLIEST_BELIEVED_MS, signalByName, unpackQuality } from '@vigil/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { handBridge, type HandBridge } from '../support/hand-bridge.ts'
import { until } from '../support/until.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
let database: TestDatabase
let hand: HandBridge
beforeAll(async () => {
  database = await freshDatabase()
  hand = handBridge(database.url)
  await database.register('bed-1')
})
afterAll(async () => {
  await hand.stop()
  await database.close()
})

let seq = 0
async function stored(object: Record<string, unknown>, channel: 'tele' | 'backlog' = 'tele'): Promise<Record<string, unknown>> {
  hand.source.deliver('bed-1', channel, { e: 'a1', s: ++seq, ...object }, NOW)
  await until(() => hand.source.unsettled() === 0, 'the reading to be stored')
  const [row] = await database.query('select * from sample where seq = $1', [seq])
  return row as Record<string, unknown>
}

describe('a row', () => {
  it('holds every core signal in its own column, to single precision', async () => {
    const m = Object.fromEntries(coreSignals.map((name, i) => [name, (signalByName(name)?.plausible[0] ?? 0) + i * 0.1 + 0.05]))
    const row = await stored({ t: NOW - 40, m })
    for (const name of coreSignals) expect(row[name]).toBeCloseTo(m[name] as number, 3)
    expect(row).toMatchObject({ t: new Date(NOW - 40), lag_ms: 40, flags: 0, quality: null, other: null })
  })

  it('holds remarks as packed pairs, and what has no column as JSON', async () => {
    const row = await stored({ t: NOW, m: { pr: 71, batt: 80, unknown: 3 }, q: { pr: 'motion' }, x: { temp: 'warmup' }, sq: { spo2: 87 } }, 'backlog')
    expect(unpackQuality(row['quality'] as Buffer)).toEqual({ q: { pr: 'motion' }, x: { temp: 'warmup' }, sq: { spo2: 87 } })
    expect(row).toMatchObject({ flags: 1, pr: 71, other: { m: { batt: 80 }, unmapped: { unknown: 3 } } })
  })

  it('with nothing but absences is still a row: absence is data', async () => {
    const row = await stored({ t: NOW, m: {}, x: { spo2: 'off', pr: 'off' } })
    expect(unpackQuality(row['quality'] as Buffer).x).toEqual({ spo2: 'off', pr: 'off' })
  })

  it.each([
    ['the earliest time believed', EARLIEST_BELIEVED_MS, 2_147_483_647],
    ['a leap day long ago', Date.UTC(2020, 1, 29, 23, 59, 59, 999), 2_147_483_647],
    ['nine minutes ahead', NOW + 540_000, -540_000],
    ['midnight', Date.UTC(2026, 2, 1), 43_200_000],
  ])('keeps %s to the millisecond', async (_what, t, lag) => {
    expect(await stored({ t, m: { pr: 70 } })).toMatchObject({ t: new Date(t), lag_ms: lag })
  })

  it('keeps the largest number a device can count to', async () => {
    hand.source.deliver('bed-1', 'tele', { e: 'far', s: Number.MAX_SAFE_INTEGER, t: NOW, m: { pr: 70 } }, NOW)
    await until(() => hand.source.receipts.some((receipt) => receipt.e === 'far'), 'the receipt')
    expect(hand.source.receipts.at(-1)).toMatchObject({ e: 'far', upto: 0, have: [[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]] })
  })

  it('of thousands in one message each finds its place', async () => {
    await database.register('bed-2')
    const objects = Array.from({ length: 700 }, (_, i) => ({ e: 'b', s: i + 1, t: NOW - i * 1_000, m: { pr: 40 + (i % 100) } }))
    hand.source.deliver('bed-2', 'backlog', objects, NOW)
    await until(() => hand.source.unsettled() === 0, 'the message to be stored')
    const rows = await database.query<{ s: string; t: Date; pr: number }>(`select seq as s, t, pr from sample where device_no = (select no from device where id = 'bed-2') order by seq`)
    expect(rows.map((row) => ({ e: 'b', s: Number(row.s), t: row.t.getTime(), m: { pr: row.pr } }))).toEqual(objects)
  })
})

it('an event is kept with its time, phase and data', async () => {
  hand.source.deliver('bed-1', 'event', { e: 'ev', s: 1, t: NOW - 5, ev: 'probe_off', ph: 'start', src: 'spo2', data: { finger: 'left "index"', n: 2 } }, NOW)
  hand.source.deliver('bed-1', 'event', { e: 'ev', s: 2, t: 5, ev: 'button', ph: 'once' }, NOW)
  await until(() => hand.source.unsettled() === 0, 'the events to be stored')
  const rows = await database.query('select seq, t, received_at, ev, phase, src, data from device_event order by seq')
  expect(rows).toEqual([
    { seq: '1', t: new Date(NOW - 5), received_at: new Date(NOW), ev: 'probe_off', phase: 'start', src: 'spo2', data: { finger: 'left "index"', n: 2 } },
    { seq: '2', t: new Date(NOW), received_at: new Date(NOW), ev: 'button', phase: 'once', src: null, data: { claimed_t: 5 } },
  ])
})
