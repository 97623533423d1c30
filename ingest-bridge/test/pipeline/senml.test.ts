import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../src/pipeline/decode.ts'
import { createPackLane } from '../../src/pipeline/live-lane.ts'
import type { Delivery } from '../../src/sources/source.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const topic = 'vitals/1/main/bed-1/tele'
const decode = (payload: Buffer) => createDecoder().decode({ source: 'mqtt', topic, payload, receivedAt: NOW }).items
const json = [{ bn: 'urn:dev:mac:0024befffe804ff1/', bt: NOW / 1_000, n: 'spo2', u: '%', v: 97 }, { n: 'pr', u: 'beat/min', v: 72 }]
const cbor = Buffer.from(encode([new Map<number, unknown>([[-2, 'urn:dev:mac:0024befffe804ff1/'], [-3, NOW / 1_000], [0, 'spo2'], [1, '%'], [2, 97]]), new Map<number, unknown>([[0, 'pr'], [1, 'beat/min'], [2, 72]])]))

describe('SenML on the telemetry topic', () => {
  it('becomes the same sample in JSON and in CBOR', () => {
    const [fromJson] = decode(Buffer.from(JSON.stringify(json)))
    const [fromCbor] = decode(cbor)
    expect(fromJson).toMatchObject({ kind: 'sample', t: NOW, values: { spo2: 97, pr: 72 } })
    expect(fromCbor).toMatchObject({ kind: 'sample', t: NOW, values: { spo2: 97, pr: 72 }, seq: (fromJson as { seq: number }).seq })
  })

  it('a record that cannot be kept is a dead letter with its reason; the others are stored', () => {
    const items = decode(Buffer.from(JSON.stringify([...json, { n: 'temp', u: 'mol', v: 1 }])))
    expect(items.map(({ kind }) => kind)).toEqual(['sample', 'dead'])
    expect(items[1]).toMatchObject({ code: 'INVALID_TELEMETRY', reason: 'unit mol cannot be carried into Cel' })
  })

  it('a record with a unit that is no text is refused, and one nested thousands of times never ends the bridge', () => {
    const deep = '['.repeat(15_000) + ']'.repeat(15_000)
    expect(decode(Buffer.from('[{"n":"pr","u":{"a":1},"v":70},{"n":"spo2","v":97}]')).map((item) => [item.kind, (item as { reason?: string }).reason])).toEqual([['sample', undefined], ['dead', 'its unit is no text']])
    for (const body of [`[{"n":"pr","u":${deep}},{"n":"pr","v":71}]`, `[{"n":"pr","v":71},{"n":"hr","v":${deep}}]`]) expect(decode(Buffer.from(body)).map(({ kind }) => kind)).toContain('dead')
    let nested: unknown = 1
    for (let levels = 0; levels < 900; levels++) nested = [nested]
    expect(decode(Buffer.from(encode([new Map<number, unknown>([[0, 'pr'], [2, nested]]), new Map<number, unknown>([[0, 'hr'], [2, 70]])]))).map(({ kind }) => kind)).toEqual(['sample', 'dead'])
  })

  it('bytes that only begin like CBOR are a dead letter', () => {
    for (const bytes of [[0x81], [0x9f, 0xff], [0x82, 0x01], Array.from({ length: 60_000 }, () => 0x81)]) expect(decode(Buffer.from(bytes))).toMatchObject([{ kind: 'dead' }])
  })

  it('reaches the live lane as telemetry, and nothing else is said twice', () => {
    const said: string[] = []
    const lane = createPackLane(({ payload }) => said.push(payload.toString()))
    const delivery = (payload: Buffer): Delivery => ({ source: 'mqtt', topic, payload, receivedAt: NOW, settle: () => undefined })
    lane(delivery(cbor))
    lane(delivery(Buffer.from('[{"e":"a1","s":1,"t":1,"m":{"pr":72}}]')))
    expect(said.map((text) => JSON.parse(text) as unknown)).toMatchObject([[{ t: NOW, m: { spo2: 97, pr: 72 } }]])
  })
})
