import { describe, expect, it } from 'vitest'
import { handBridge } from '../support/hand-bridge.ts'
import { perTestBridge } from '../support/per-test-bridge.ts'
import { storedOf } from '../support/stored.ts'
import { until } from '../support/until.ts'

const at = perTestBridge()
const settled = () => at.settled()

const NOW = Date.UTC(2026, 2, 1, 12)
const send = (device: string, from: number, to: number) =>
  at.hand.source.deliver(device, 'backlog', Array.from({ length: to - from + 1 }, (_, i) => ({ e: 'a1', s: from + i, t: NOW + i, m: { pr: 70 } })), NOW)
const online = (device: string, upto: number, epoch = 'a1') => at.hand.source.deliver(device, 'state', { st: 'online', e: epoch, upto }, NOW)
const receiptsOf = (device: string) => at.hand.source.receipts.filter((receipt) => receipt.device === device)
/** What restoring an older copy does to one device. */
async function restore(device: string, upto: number): Promise<void> {
  await at.database.query(`update ledger set got = int8multirange(int8range(1, $2 + 1)) where device_no = (select no from device where id = $1)`, [device, upto])
  await at.database.query(`delete from sample where seq > $2 and device_no = (select no from device where id = $1)`, [device, upto])
}

describe('a gap a device has to admit', () => {
  it('moves its receipt on and is counted as lost, not as received', async () => {
    await at.database.register('bed-1')
    send('bed-1', 1, 10)
    at.hand.source.deliver('bed-1', 'backlog', [{ e: 'a1', s: 51, t: NOW, gap: [11, 50], why: 'overflow' }], NOW)
    send('bed-1', 52, 60)
    await settled()
    await until(() => receiptsOf('bed-1').at(-1)?.upto === 60, 'the receipt past the gap')
    expect(await storedOf(at.database, 'bed-1', 'a1')).toMatchObject({ got: [[1, 10], [51, 60]], lost: [[11, 50]] })
  })

  it('that was admitted too soon closes when the numbers come after all, in any order', async () => {
    await at.database.register('bed-2')
    send('bed-2', 20, 30)
    at.hand.source.deliver('bed-2', 'backlog', [{ e: 'a1', s: 41, t: NOW, gap: [1, 40], why: 'corrupt' }], NOW)
    send('bed-2', 5, 9)
    await settled()
    expect(await storedOf(at.database, 'bed-2', 'a1')).toMatchObject({ got: [[5, 9], [20, 30], [41, 41]], lost: [[1, 4], [10, 19], [31, 40]] })
  })
})

describe('a birth message', () => {
  it('is answered with the receipt of its epoch, also by a bridge that never saw the device', async () => {
    await at.database.register('bed-3')
    send('bed-3', 1, 5)
    send('bed-3', 8, 9)
    await settled()
    await at.hand.stop()
    at.hand = handBridge(at.database.url)
    online('bed-3', 5)
    await until(() => receiptsOf('bed-3').length > 0, 'the answer')
    expect(receiptsOf('bed-3')).toEqual([{ device: 'bed-3', e: 'a1', upto: 5, have: [[8, 9]] }])
  })

  it('of an epoch nobody has seen is answered with nothing committed', async () => {
    await at.database.register('bed-4')
    online('bed-4', 0, 'fresh')
    await until(() => receiptsOf('bed-4').length > 0, 'the answer')
    expect(receiptsOf('bed-4')).toEqual([{ device: 'bed-4', e: 'fresh', upto: 0 }])
  })

  it('of a device the registry does not know, a goodbye, and nonsense get no answer', async () => {
    await at.database.register('bed-5')
    online('stranger', 3)
    at.hand.source.deliver('bed-5', 'state', { st: 'lost', e: 'a1' }, NOW)
    at.hand.source.deliver('bed-5', 'state', { st: 'dancing' }, NOW)
    at.hand.source.deliverRaw('vitals/1/main/bed-5/state', Buffer.from('{'))
    online('bed-5', 0, 'after')
    await until(() => receiptsOf('bed-5').length > 0, 'the one answer')
    expect(at.hand.source.receipts.map((receipt) => receipt.e)).toEqual(['after'])
    expect(await at.hand.metric('states_refused_total')).toBe(2)
  })
})

describe('a database that was set back to an older copy', () => {
  it('is noticed when a device remembers a later receipt, and refilled from there', async () => {
    const no = await at.database.register('bed-6')
    send('bed-6', 1, 640)
    await settled()
    await at.hand.stop()
    at.hand = handBridge(at.database.url)
    online('bed-6', 812)
    await until(() => receiptsOf('bed-6').length > 0, 'the answer')
    expect(receiptsOf('bed-6')).toEqual([{ device: 'bed-6', e: 'a1', upto: 640, rewind: 641 }])
    send('bed-6', 641, 812)
    await settled()
    await until(() => receiptsOf('bed-6').at(-1)?.upto === 812, 'the receipt for the refill')
    await until(async () => (await at.database.query(`select 1 from device_notice where device_no = $1 and kind = 'rewind'`, [no])).length > 0, 'the notice')
    expect(await at.hand.metric('rewinds_total')).toBe(1)
  })

  it('is noticed by the bridge itself with the next reading, though the device never left', async () => {
    await at.database.register('bed-7')
    send('bed-7', 1, 100)
    await settled()
    await until(() => receiptsOf('bed-7').at(-1)?.upto === 100, 'the receipt')
    await restore('bed-7', 60)
    send('bed-7', 101, 101)
    await settled()
    await until(() => receiptsOf('bed-7').some((receipt) => receipt.rewind !== undefined), 'the rewind')
    expect(receiptsOf('bed-7').at(-1)).toEqual({ device: 'bed-7', e: 'a1', upto: 60, have: [[101, 101]], rewind: 61 })
    send('bed-7', 61, 101)
    await settled()
    await until(() => receiptsOf('bed-7').at(-1)?.upto === 101, 'the receipt for the refill')
    expect((await storedOf(at.database, 'bed-7', 'a1')).samples).toHaveLength(101)
    expect(await at.hand.metric('rewinds_total')).toBe(1)
  })

  it('is noticed when the bridge has to connect anew, for devices that send nothing just then', async () => {
    await at.database.register('bed-8')
    await at.database.register('bed-9')
    send('bed-8', 1, 50)
    await settled()
    await until(() => receiptsOf('bed-8').at(-1)?.upto === 50, 'the receipt')
    await restore('bed-8', 20)
    await at.database.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vigil-bridge' and datname = current_database()`)
    await until(async () => {
      send('bed-9', 1, 1)
      await settled()
      return receiptsOf('bed-8').some((receipt) => receipt.rewind === 21)
    }, 'the rewind of the quiet device')
  })

  it('is never suspected while answers and commits overtake each other', async () => {
    await at.database.register('bed-10')
    for (let s = 1; s <= 300; s++) {
      send('bed-10', s, s)
      online('bed-10', 0)
      if (s % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await settled()
    await until(() => receiptsOf('bed-10').at(-1)?.upto === 300, 'the last receipt')
    expect(await at.hand.metric('rewinds_total')).toBe(0)
    const uptos = receiptsOf('bed-10').map((receipt) => receipt.upto)
    expect(uptos).toEqual([...uptos].sort((a, b) => a - b))
  })
})
