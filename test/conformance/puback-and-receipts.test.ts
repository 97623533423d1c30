import { describe, expect, it } from 'vitest'
import { type Channel, MAX_TELEMETRY_BYTES, MAX_TELEMETRY_OBJECTS, topicOf } from '@vigil/contract'
import { receiptedKeys } from '../../broker/src/puback/keys.ts'
import { createDecoder } from '../../ingest-bridge/src/pipeline/decode.ts'
import { keyOf } from '../../ingest-bridge/src/pipeline/item.ts'

const T = 1_772_362_800_250
const sample = (s: number, more = '') => `{"e":"a1","s":${s},"t":${T},"m":{"pr":72}${more}}`
const event = (s: number) => `{"e":"a1","s":${s},"t":${T},"ev":"probe_off","ph":"start"}`
const many = (count: number, each = sample) => `[${Array.from({ length: count }, (_, i) => each(i + 1)).join(',')}]`
const padded = (bytes: number) => sample(1, `,"q":{"spo2":"${'x'.repeat(bytes)}"}`)

const messages: readonly [what: string, channel: Channel, payload: string][] = [
  ['an object', 'tele', sample(1)],
  ['an array', 'backlog', many(5)],
  ['an event', 'event', event(7)],
  ['an event that is none, with its number', 'event', '{"e":"a1","s":7,"what":1}'],
  ['events in an array, which is none', 'event', many(3, event)],
  ['telemetry as an event', 'event', sample(3)],
  ['more bytes than a message may have', 'tele', padded(MAX_TELEMETRY_BYTES)],
  ['as many bytes as it may have', 'tele', padded(MAX_TELEMETRY_BYTES - sample(1, ',"q":{"spo2":""}').length)],
  ['more objects than it may have', 'backlog', many(MAX_TELEMETRY_OBJECTS + 1, (s) => `{"e":"a1","s":${s}}`)],
  ['as many objects as it may have', 'backlog', many(MAX_TELEMETRY_OBJECTS, (s) => `{"e":"a1","s":${s}}`)],
  ['an array with a value that printf wrote as nan', 'backlog', `[${sample(1)},{"e":"a1","s":2,"t":${T},"m":{"pr":nan}},${sample(3)}]`],
  ['an object cut short, with its number', 'tele', `{"e":"a1","s":4,"t":${T},"m":{"pr":7`],
  ['an array cut short', 'backlog', `[${sample(1)},${sample(2)},{"e":"a1","s"`],
  ['no JSON', 'tele', 'no JSON'],
  ['nothing', 'tele', ''],
  ['an empty array', 'backlog', '[]'],
  ['numbers that are none', 'backlog', '[{"e":"a1","s":0},{"e":"a b","s":1},{"e":"a1","s":1.5},{"s":1},null,3]'],
  ['a gap that runs backwards', 'backlog', `{"e":"a1","s":9,"t":${T},"gap":[5,3],"why":"overflow"}`],
  ['objects of two epochs', 'backlog', `[${sample(1)},{"e":"b2","s":1,"t":${T},"m":{}}]`],
  ['an array in an array', 'backlog', `[[${sample(1)}],${sample(2)}]`],
  ['nested deeper than any message is', 'tele', `{"e":"a1","s":6,"t":${T},"m":${'['.repeat(2_000)}${']'.repeat(2_000)}}`],
]

describe('a PUBACK that waits for its receipt', () => {
  it.each(messages)('waits for the numbers that the bridge answers for, no more and no fewer: %s', (_what, channel, payload) => {
    const arrival = { source: 'mqtt', topic: topicOf({ site: 'main', device: 'board-1' }, channel), payload: Buffer.from(payload), receivedAt: T }
    const answered = createDecoder().decode(arrival).items.flatMap((item) => keyOf(item) ?? []).map(({ epoch, seq }) => ({ epoch, seq }))
    const waited = [...receiptedKeys(channel, arrival.payload)].flatMap(([epoch, seqs]) => seqs.map((seq) => ({ epoch, seq })))
    expect(waited).toEqual(answered)
  })
})
