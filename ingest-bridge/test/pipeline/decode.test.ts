import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../src/pipeline/decode.ts'
import { type Item, SampleFlag } from '../../src/pipeline/item.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const decodeAll = (body: unknown, { channel = 'tele', decoder = createDecoder(), receivedAt = NOW, site = 'main' } = {}) =>
  decoder.decode({ source: 'mqtt', topic: `vitals/1/${site}/bed-1/${channel}`, payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), receivedAt })
const decode = (body: unknown, options = {}): readonly Item[] => decodeAll(body, options).items
const one = (body: unknown, options = {}): Item => decode(body, options)[0] as Item
const good = { e: 'a1', s: 1, t: NOW - 250, m: { pr: 72 } }

describe('what a reading becomes', () => {
  it('keeps believable values under the device time', () => {
    expect(one({ ...good, m: { pr: 72, spo2: 97.5 } })).toMatchObject({ kind: 'sample', epoch: 'a1', seq: 1, t: NOW - 250, flags: 0, values: { pr: 72, spo2: 97.5 }, other: undefined })
  })

  it('keeps values without a column, unknown names, remarks about them and implausible numbers raw beside it', () => {
    const item = one({ ...good, m: { pr: 72, batt: 81, zeta: 5, spo2: -999 }, q: { zeta: 'low', pr: 'motion' } })
    expect(item).toMatchObject({ kind: 'sample', values: { pr: 72, batt: 81 } })
    expect(JSON.parse((item as { other: string }).other)).toEqual({ m: { batt: 81 }, unmapped: { zeta: 5 }, implausible: { spo2: -999 }, remarks: { q: { zeta: 'low' } } })
  })

  it('marks what came by the backlog lane', () => {
    expect(one([good], { channel: 'backlog' })).toMatchObject({ flags: SampleFlag.backlog })
  })

  it('marks the summary of a minute whose samples had to make room, and keeps its ends beside it', () => {
    const over = { ms: 60_000, n: 58, lo: { pr: 70 }, hi: { pr: 75 } }
    const item = one([{ ...good, over }], { channel: 'backlog' }) as { other: string }
    expect(item).toMatchObject({ kind: 'sample', flags: SampleFlag.backlog | SampleFlag.summary })
    expect(JSON.parse(item.other)).toMatchObject({ over })
  })

  it('judges each object of an array alone', () => {
    const items = decode([good, { e: 'a1', s: 2, t: NOW, m: { pr: 'fast' } }, { ...good, s: 3 }, 7])
    expect(items.map((item) => item.kind)).toEqual(['sample', 'dead', 'sample', 'dead'])
    expect(items[1]).toMatchObject({ code: 'INVALID_TELEMETRY', key: { epoch: 'a1', seq: 2 } })
    expect((items[1] as { payload: Buffer }).payload.toString()).toBe(`{"e":"a1","s":2,"t":${NOW},"m":{"pr":"fast"}}`)
    expect(items[3]).toMatchObject({ key: undefined })
  })

  it('reads a gap notice as numbers given up', () => {
    expect(one({ e: 'a1', s: 9, t: NOW, gap: [3, 8], why: 'overflow' })).toMatchObject({ kind: 'gap', seq: 9, lost: [3, 8] })
    expect(one({ e: 'a1', s: 9, t: NOW, gap: [8, 3], why: 'overflow' })).toMatchObject({ kind: 'dead', key: { epoch: 'a1', seq: 9 } })
  })
})

describe('what can never be stored', () => {
  it.each([
    ['text that is not JSON', 'hello', 'MALFORMED_JSON'],
    ['half a message', '{"e":"a1","s":1', 'MALFORMED_JSON'],
    ['nothing at all', '', 'MALFORMED_JSON'],
    ['NUL bytes', '\0\0\0', 'MALFORMED_JSON'],
    ['a number alone', '42', 'INVALID_TELEMETRY'],
    ['null', 'null', 'INVALID_TELEMETRY'],
    ['an empty array', '[]', 'INVALID_TELEMETRY'],
    ['a nest of arrays', '['.repeat(20_000) + ']'.repeat(20_000), 'INVALID_TELEMETRY'],
    ['an object without number', '{"e":"a1","t":1,"m":{}}', 'INVALID_TELEMETRY'],
    ['a number below one', '{"e":"a1","s":0,"t":1,"m":{}}', 'INVALID_TELEMETRY'],
    ['a broken number', '{"e":"a1","s":1.5,"t":1,"m":{}}', 'INVALID_TELEMETRY'],
    ['an epoch with a NUL', '{"e":"a\\u0000","s":1,"t":1,"m":{}}', 'INVALID_TELEMETRY'],
    ['an epoch with a slash', '{"e":"a/b","s":1,"t":1,"m":{}}', 'INVALID_TELEMETRY'],
    ['no time', '{"e":"a1","s":1,"m":{"pr":72}}', 'INVALID_TELEMETRY'],
    ['a prototype as a name', '{"e":"a1","s":1,"t":1,"m":{"__proto__":1}}', 'INVALID_TELEMETRY'],
    ['more objects than fit', JSON.stringify(Array.from({ length: 2_001 }, () => 1)), 'MESSAGE_TOO_LARGE'],
    ['more bytes than allowed', JSON.stringify({ ...good, pad: 'x'.repeat(70_000) }), 'MESSAGE_TOO_LARGE'],
  ])('lays aside %s', (_what, body, code) => {
    expect(one(body)).toMatchObject({ kind: 'dead', code })
  })

  it('keeps the other readings of an array in which one is nested thousands of times', () => {
    const deep = '['.repeat(15_000) + ']'.repeat(15_000)
    const items = decode(`[{"e":"a1","s":1,"t":${NOW},"m":{"pr":72}},{"e":"a1","s":2,"t":${NOW},"m":{"pr":${deep}}}]`)
    expect(items).toMatchObject([{ kind: 'sample', seq: 1 }, { kind: 'dead', code: 'INVALID_TELEMETRY', key: { seq: 2 } }])
  })

  it('keeps the other readings of an array in which a board printed nan', () => {
    const items = decode(`[{"e":"a1","s":1,"t":${NOW},"m":{"pr":72}},{"e":"a1","s":2,"t":${NOW},"m":{"pr":nan}},{"e":"a1","s":3,"t":${NOW},"m":{"pr": -inf}}]`)
    expect(items.map((item) => item.kind)).toEqual(['sample', 'dead', 'dead'])
    expect(items[1]).toMatchObject({ key: { epoch: 'a1', seq: 2 } })
  })

  it('takes the number of a broken single object, so that it does not block its device', () => {
    expect(one(`{"e":"a1","s":17,"t":${NOW},"m":{"pr":}}`)).toMatchObject({ code: 'MALFORMED_JSON', key: { epoch: 'a1', seq: 17 } })
    expect(one('[{"e":"a1","s":17,"m":},{"e":"a1","s":18}]')).toMatchObject({ key: undefined })
  })

  it('lays aside a message whose topic is no device', () => {
    expect(createDecoder().decode({ source: 'mqtt', topic: 'vitals/1/main/bed 1/tele', payload: Buffer.from('{}'), receivedAt: NOW }).items).toMatchObject([{ kind: 'dead', code: 'INVALID_MESSAGE', from: { address: undefined } }])
  })

  it('stores an infinite number as no value', () => {
    const item = one(`{"e":"a1","s":1,"t":${NOW},"m":{"pr":1e999}}`)
    expect(item.kind === 'dead' || item.kind === 'sample').toBe(true)
    expect(item.kind === 'sample' ? item.values : {}).toEqual({})
  })
})

describe('events', () => {
  const event = { e: 'a1', s: 4, t: NOW, ev: 'probe_off', ph: 'start', src: 'spo2' }

  it('are kept with their data', () => {
    expect(one({ ...event, data: { lead: 2 } }, { channel: 'event' })).toMatchObject({ kind: 'event', seq: 4, t: NOW, ev: 'probe_off', phase: 'start', src: 'spo2', data: '{"lead":2}' })
  })

  it.each([
    ['a NUL in its data', { ...event, data: { note: 'a\0b' } }],
    ['half a surrogate pair', { ...event, data: { note: '\ud800' } }],
    ['no time', { ...event, t: undefined }],
    ['an unknown phase', { ...event, ph: 'maybe' }],
    ['a reading instead of an event', { ...good, s: 4 }],
  ])('with %s are laid aside under their number', (_what, body) => {
    expect(one(body, { channel: 'event' })).toMatchObject({ kind: 'dead', code: 'INVALID_EVENT', key: { epoch: 'a1', seq: 4 } })
  })
})

describe('times that are not believed', () => {
  it.each([
    ['an hour ahead', NOW + 3_600_000, 'ahead'],
    ['1970', 12_345, 'ancient'],
    ['before time began', -8_640_000_000_000_000, 'ancient'],
  ])('%s: kept under the received time, with what the device claimed and a notice', (_what, t, why) => {
    const { items, notices } = decodeAll({ ...good, t })
    expect(items[0]).toMatchObject({ t: NOW, flags: SampleFlag.clockNotBelieved })
    expect(JSON.parse((items[0] as { other: string }).other)).toEqual({ claimed_t: t })
    expect(notices).toMatchObject([{ kind: 'clock_suspect', detail: { why, claimed_t: t } }])
  })

  it('names two epochs of one device that speak at once, and only on the live lane', () => {
    const decoder = createDecoder()
    const say = (e: string, channel: string) => decodeAll({ ...good, e }, { decoder, channel }).notices.map((n) => n.kind)
    expect([say('a1', 'tele'), say('b2', 'tele'), say('a1', 'backlog'), say('b2', 'tele'), say('a1', 'tele')]).toEqual([[], [], [], [], ['two_epochs']])
  })
})
