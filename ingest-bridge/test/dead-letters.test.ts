import { topicOf } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { describe, expect, it } from 'vitest'
import { handBridge } from './support/hand-bridge.ts'
import { perTestBridge } from './support/per-test-bridge.ts'
import { storedOf } from './support/stored.ts'
import { until } from './support/until.ts'

const at = perTestBridge()
const NOW = Date.UTC(2026, 2, 1, 12)
const settled = (bridge = at.hand) => until(() => bridge.source.unsettled() === 0, 'every message to be settled')
const raw = (device: string, text: string, bridge = at.hand) => bridge.source.deliverRaw(topicOf({ site: 'main', device }, 'tele'), Buffer.from(text), NOW)
const letters = (device: string) => at.database.query<{ code: string; payload: Buffer; payload_bytes: number; device_no: number | null }>(`select * from dead_letter where topic like $1 order by id`, [`%/${device}/%`])

describe('a message that can never be stored', () => {
  it('is kept raw with its reason and acknowledged as such', async () => {
    const no = await at.database.register('bed-1')
    const message = raw('bed-1', '{"e":"a1", hello \0 there')
    await settled()
    expect(message.outcome).toBe('dead')
    expect(await letters('bed-1')).toMatchObject([{ code: 'MALFORMED_JSON', device_no: no, payload: Buffer.from('{"e":"a1", hello \0 there') }])
    expect(await at.hand.metric('dead_letters_total', { code: 'MALFORMED_JSON' })).toBe(1)
  })

  it('with a number is receipted, and the next one is not blocked by it', async () => {
    await at.database.register('bed-2')
    raw('bed-2', `{"e":"a1","s":1,"t":${NOW},"m":{"temp":nan}}`)
    raw('bed-2', `{"e":"a1","s":2,"t":${NOW},"m":{"temp":36.8}}`)
    await settled()
    await until(() => at.hand.source.receipts.at(-1)?.upto === 2, 'the receipt')
    expect(await storedOf(at.database, 'bed-2', 'a1')).toMatchObject({ dead: [1], samples: [2], got: [[1, 2]] })
  })

  it('of a megabyte is kept in part, with its true size', async () => {
    await at.database.register('bed-3')
    raw('bed-3', 'x'.repeat(1_000_000))
    await settled()
    expect((await letters('bed-3')).map((row) => [row.code, row.payload.length, row.payload_bytes])).toEqual([['MESSAGE_TOO_LARGE', 65_536, 1_000_000]])
  })

  it('repeated for ever is counted each time and kept once', async () => {
    await at.database.register('bed-4')
    for (let times = 0; times < 30; times++) {
      raw('bed-4', 'garbage')
      if (times % 7 === 0) await settled()
    }
    await settled()
    expect(await letters('bed-4')).toHaveLength(1)
    expect(await at.hand.metric('dead_letters_total', { code: 'MALFORMED_JSON' })).toBe(30)
    expect(await at.hand.metric('dead_letters_unkept_total')).toBe(29)
  })

  it('is kept again after an hour, and a device gone wild fills no more than sixty rows a minute', async () => {
    await at.database.register('bed-5')
    const clock = manualClock(NOW)
    const slow = handBridge(at.database.url, { clock })
    for (let i = 0; i < 500; i++) raw('bed-5', `garbage ${i}`, slow)
    await settled(slow)
    expect(await letters('bed-5')).toHaveLength(60)
    clock.advance(61_000)
    raw('bed-5', 'garbage 1', slow)
    raw('bed-5', 'garbage 499', slow)
    await settled(slow)
    expect(await letters('bed-5')).toHaveLength(61)
    clock.advance(3_600_000)
    raw('bed-5', 'garbage 1', slow)
    await settled(slow)
    expect(await letters('bed-5')).toHaveLength(62)
    await slow.stop()
  })
})

describe('a device the registry does not know', () => {
  it('gets no receipt; its message is kept whole, once', async () => {
    at.hand.source.deliver('stranger', 'backlog', [1, 2, 3].map((s) => ({ e: 'a1', s, t: NOW, m: { pr: 70 } })), NOW)
    await settled()
    expect(await letters('stranger')).toMatchObject([{ code: 'UNKNOWN_DEVICE', device_no: null }])
    expect(at.hand.source.receipts).toEqual([])
  })

  it('is known from the moment it is registered', async () => {
    at.hand.source.deliver('new-one', 'tele', { e: 'a1', s: 1, t: NOW, m: { pr: 70 } }, NOW)
    await settled()
    await at.database.register('new-one')
    await until(async () => {
      at.hand.source.deliver('new-one', 'tele', { e: 'a1', s: 1, t: NOW, m: { pr: 70 } }, NOW)
      await settled()
      return at.hand.source.receipts.some((receipt) => receipt.device === 'new-one')
    }, 'the first receipt of the new device')
    expect((await storedOf(at.database, 'new-one', 'a1')).samples).toEqual([1])
  })

  it.each([
    ['at another site', 'away-1', `insert into device (id, site, secret_mac) values ('away-1', 'elsewhere', '\\x00')`],
    ['retired', 'away-2', `insert into device (id, secret_mac, retired_at) values ('away-2', '\\x00', now())`],
  ])('or knows as %s is not stored', async (_what, device, sql) => {
    await at.database.query(sql)
    at.hand.source.deliver(device, 'tele', { e: 'a1', s: 1, t: NOW, m: { pr: 70 } }, NOW)
    await settled()
    expect(await letters(device)).toMatchObject([{ code: 'UNKNOWN_DEVICE' }])
  })
})

describe('device notices', () => {
  it('count a wrong clock in one row instead of a storm', async () => {
    const no = await at.database.register('bed-6')
    for (let s = 1; s <= 40; s++) at.hand.source.deliver('bed-6', 'tele', { e: 'a1', s, t: 1_000 + s, m: { pr: 70 } }, NOW)
    await settled()
    const notices = () => at.database.query<{ kind: string; count: string; detail: { why: string } }>('select kind, count, detail from device_notice where device_no = $1', [no])
    await until(async () => (await notices()).length > 0, 'the notice to be written')
    expect(await notices()).toMatchObject([{ kind: 'clock_suspect', count: '40', detail: { why: 'ancient' } }])
    expect((await at.database.query<{ t: Date; flags: number }>('select t, flags from sample where device_no = $1 limit 1', [no]))[0]).toMatchObject({ t: new Date(NOW), flags: 2 })
  })

  it('name a cloned card: two epochs of one device alive at once', async () => {
    const no = await at.database.register('bed-7')
    for (const [s, epoch] of ['a', 'b', 'a', 'b', 'a'].entries()) at.hand.source.deliver('bed-7', 'tele', { e: epoch, s: s + 1, t: NOW, m: { pr: 70 } }, NOW)
    await settled()
    await until(async () => (await at.database.query('select 1 from device_notice where device_no = $1', [no])).length > 0, 'the notice to be written')
    expect(await at.database.query('select kind, detail from device_notice where device_no = $1', [no])).toEqual([{ kind: 'two_epochs', detail: { epochs: 'a b' } }])
    expect((await at.database.query('select 1 from sample where device_no = $1', [no]))).toHaveLength(5)
  })

  it('name a device whose numbers have more holes than any fault of a link explains', async () => {
    const no = await at.database.register('bed-8')
    at.hand.source.deliver('bed-8', 'backlog', Array.from({ length: 1_100 }, (_, i) => ({ e: 'a', s: 2 * i + 1, t: NOW, m: {} })), NOW)
    await settled()
    await until(async () => (await at.database.query('select 1 from device_notice where device_no = $1', [no])).length > 0, 'the notice to be written')
    expect(await at.database.query('select kind, detail from device_notice where device_no = $1', [no])).toEqual([{ kind: 'scattered_numbers', detail: { epoch: 'a', ranges: 1_100 } }])
    expect(at.hand.source.receipts.at(-1)?.have).toHaveLength(256)
  })
})
