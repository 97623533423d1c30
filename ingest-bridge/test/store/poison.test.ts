import { describe, expect, it } from 'vitest'
import { perTestBridge } from '../support/per-test-bridge.ts'
import { storedOf } from '../support/stored.ts'
import { until } from '../support/until.ts'

// A rule of the database that the bridge knows nothing of: some values it will not take.
const at = perTestBridge((database) => database.query('alter table sample add constraint no_unlucky check (pr is distinct from 113)'))
const settled = () => at.settled()

const NOW = Date.UTC(2026, 2, 1, 12)
const objects = (epoch: string, count: number, pr: (s: number) => number, t = (s: number) => NOW + s * 1_000) => Array.from({ length: count }, (_, i) => ({ e: epoch, s: i + 1, t: t(i + 1), m: { pr: pr(i + 1) } }))

describe('a reading the database refuses', () => {
  it('is laid aside alone; everything around it is stored, and its number does not block the device', async () => {
    await at.database.register('bed-1')
    const poisoned = new Set([1, 137, 138, 500])
    at.hand.source.deliver('bed-1', 'backlog', objects('a1', 500, (s) => (poisoned.has(s) ? 113 : 72)), NOW)
    await settled()
    const stored = await storedOf(at.database, 'bed-1', 'a1')
    expect(stored.dead).toEqual([1, 137, 138, 500])
    expect(stored.samples).toHaveLength(496)
    expect(stored.got).toEqual([[1, 500]])
    const [letter] = await at.database.query<{ code: string; reason: string; payload: Buffer }>(`select * from dead_letter where seq = 137`)
    expect(letter).toMatchObject({ code: 'REFUSED_BY_DATABASE', reason: 'PostgreSQL answered 23514' })
    expect(JSON.parse((letter as { payload: Buffer }).payload.toString())).toMatchObject({ epoch: 'a1', seq: 137, values: { pr: 113 } })
    await until(() => at.hand.source.receipts.at(-1)?.upto === 500, 'the receipt for all 500')
    expect(await at.hand.metric('dead_letters_total', { code: 'REFUSED_BY_DATABASE' })).toBe(4)
    expect(await at.hand.metric('committed_total', { kind: 'sample' })).toBe(496)
  })

  it('sent again is a duplicate, not another dead letter', async () => {
    await at.database.register('bed-2')
    for (let times = 0; times < 3; times++) {
      at.hand.source.deliver('bed-2', 'tele', { e: 'a1', s: 1, t: NOW, m: { pr: 113 } }, NOW)
      await settled()
    }
    expect((await storedOf(at.database, 'bed-2', 'a1')).dead).toEqual([1])
  })

  it('does not stop what other devices send in the same batch', async () => {
    await at.database.register('bed-3')
    await at.database.register('bed-4')
    at.hand.source.deliver('bed-3', 'tele', { e: 'a1', s: 1, t: NOW, m: { pr: 113 } }, NOW)
    for (let s = 1; s <= 50; s++) at.hand.source.deliver('bed-4', 'tele', { e: 'b1', s, t: NOW + s, m: { pr: 80 } }, NOW)
    await settled()
    expect((await storedOf(at.database, 'bed-4', 'b1')).samples).toHaveLength(50)
  })
})

describe('what the bridge remembers may be out of date', () => {
  it('a day whose partition was dropped by retention is made again', async () => {
    await at.database.register('bed-5')
    at.hand.source.deliver('bed-5', 'backlog', [{ e: 'a1', s: 1, t: Date.UTC(2025, 5, 1), m: { pr: 70 } }], NOW)
    await settled()
    await at.database.query('drop table sample_20250601')
    at.hand.source.deliver('bed-5', 'backlog', [{ e: 'a1', s: 2, t: Date.UTC(2025, 5, 1), m: { pr: 70 } }], NOW)
    await settled()
    expect(await storedOf(at.database, 'bed-5', 'a1')).toMatchObject({ samples: [2], dead: [] })
  })

  it('a device that was removed becomes an unknown one', async () => {
    const no = await at.database.register('bed-6')
    at.hand.source.deliver('bed-6', 'tele', { e: 'a1', s: 1, t: NOW, m: { pr: 70 } }, NOW)
    await settled()
    await at.database.query('delete from ledger where device_no = $1', [no])
    await at.database.query('delete from device where no = $1', [no])
    const message = at.hand.source.deliver('bed-6', 'tele', { e: 'a1', s: 2, t: NOW, m: { pr: 70 } }, NOW)
    await settled()
    expect(message.outcome).toBe('stored')
    const letters = await at.database.query(`select code, device_no, epoch from dead_letter where topic like '%/bed-6/%'`)
    expect(letters).toEqual([{ code: 'UNKNOWN_DEVICE', device_no: null, epoch: null }])
  })

  it('a ledger row that a restored database gave to another device is not taken over', async () => {
    await at.database.register('bed-7')
    await at.database.register('bed-8')
    at.hand.source.deliver('bed-7', 'tele', { e: 'a1', s: 1, t: NOW, m: { pr: 70 } }, NOW)
    await settled()
    await at.database.query(`update ledger l set device_no = d.no, epoch = 'other' from device d where d.id = 'bed-8' and l.device_no = (select no from device where id = 'bed-7')`)
    at.hand.source.deliver('bed-7', 'tele', { e: 'a1', s: 2, t: NOW, m: { pr: 71 } }, NOW)
    await settled()
    expect(await storedOf(at.database, 'bed-7', 'a1')).toMatchObject({ got: [[2, 2]], samples: [2] })
    const rows = await at.database.query(`select count(distinct l.no) as n from ledger l join device d on d.no = l.device_no where d.id in ('bed-7', 'bed-8')`)
    expect(rows).toEqual([{ n: '2' }])
  })
})

it('a device whose clock names years of days is stored without taking the database down', async () => {
  await at.database.register('bed-9')
  at.hand.source.deliver('bed-9', 'backlog', objects('a1', 300, () => 72, (s) => Date.UTC(2024, 0, 1) + s * 86_400_000), NOW)
  await until(() => at.hand.source.unsettled() === 0, 'every message to be settled', 30_000)
  expect((await storedOf(at.database, 'bed-9', 'a1')).samples).toHaveLength(300)
})
