import { describe, expect, it } from 'vitest'
import { MAX_TELEMETRY_BYTES, MAX_TELEMETRY_OBJECTS } from '@vigil/contract/messages/telemetry'
import { PAYLOAD_BYTES, PAYLOAD_OBJECTS, packPayloads, utf8Length } from '../../src/spool/protocol-packing.ts'
import { EPOCH, FaultyWorld } from './faulty-world.ts'
import { seeded } from '../support/seeded.ts'

const board = (settings = {}): FaultyWorld => new FaultyWorld({ random: seeded(7), capacity: 100_000, settings })
const lanes = (world: FaultyWorld): string[] => world.sent.map(({ lane }) => lane)
const seqsOf = (payload: string): number[] => {
  const parsed = JSON.parse(payload) as { s: number } | { s: number }[]
  return (Array.isArray(parsed) ? parsed : [parsed]).map(({ s }) => s)
}

describe('a new object', () => {
  it('goes out at once on the live lane, alone and under the next number', () => {
    const world = board()
    world.connect()
    world.produce('sample')
    world.produce('sample')
    expect(world.sent.map(({ lane, payload, atMs }) => [lane, JSON.parse(payload), atMs])).toEqual([
      ['tele', { e: EPOCH, s: 1, t: world.clock.now(), m: { pr: 1 } }, 0],
      ['tele', { e: EPOCH, s: 2, t: world.clock.now(), m: { pr: 2 } }, 0],
    ])
  })

  it('goes out at once although 500 others wait for a receipt, which then never are more', () => {
    const world = board()
    world.databaseUp = false
    world.connect()
    for (let i = 0; i < 900; i++) {
      world.clock.advance(1_000)
      world.produce('sample')
      expect(world.sent.findLast(({ lane }) => lane === 'tele')).toMatchObject({ atMs: world.clock.monotonic() })
      expect(world.spool.status().onTheWay).toBeLessThanOrEqual(500)
    }
    world.databaseUp = true
    world.clock.advance(20 * 60_000)
    expect(world.spool.status()).toMatchObject({ unsent: 0, upto: 900 })
    expect(world.server.stored(EPOCH).size).toBe(900)
  })

  it('goes out by the event lane when it is an event', () => {
    const world = board()
    world.connect()
    world.produce('event')
    expect(lanes(world)).toEqual(['event'])
  })
})

describe('an object no receipt covers', () => {
  it('goes again by the backlog lane after 15 s, 30 s, 60 s, and from then on every 5 minutes at the latest', () => {
    const world = board()
    world.databaseUp = false
    world.connect()
    world.clock.advance(6_000)
    world.produce('sample')
    world.clock.advance(3_600_000)
    const waits = world.sent.slice(1).map(({ atMs }, i) => (atMs - (world.sent[i]?.atMs ?? 0)) / 1_000)
    expect(new Set(lanes(world).slice(1))).toEqual(new Set(['backlog']))
    for (const [i, base] of [15, 30, 60, 120, 240, 300, 300].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(base)
      expect(waits[i]).toBeLessThanOrEqual(base * 1.2 + 0.01)
    }
  })

  it('is not sent again once a receipt covers it', () => {
    const world = board()
    world.connect()
    world.produce('sample')
    world.clock.advance(600_000)
    expect(world.sent).toHaveLength(1)
    expect(world.clock.pending()).toBe(0)
  })
})

describe('after a reconnect', () => {
  it('waits for the receipt that answers online before it replays', () => {
    const world = board()
    world.produce('sample', 30)
    world.clock.advance(120_000)
    world.databaseUp = false
    world.connect()
    world.clock.advance(1_000)
    expect(world.sent).toEqual([])
    world.spool.receipt({ e: EPOCH, upto: 10 })
    expect(world.sent.map(({ lane, payload }) => [lane, seqsOf(payload)])).toEqual([['backlog', Array.from({ length: 20 }, (_, i) => i + 11)]])
  })

  it('replays all the same when no receipt comes within 5 s', () => {
    const world = board()
    world.produce('sample', 30)
    world.clock.advance(120_000)
    world.databaseUp = false
    world.connect()
    world.clock.advance(4_999)
    expect(world.sent).toEqual([])
    world.clock.advance(1)
    expect(seqsOf(world.sent[0]?.payload ?? '')).toHaveLength(30)
  })

  it('shows the newest value first, then sends waiting events, then the backlog from its oldest object on', () => {
    const world = board()
    world.produce('sample', 3)
    world.produce('event', 2)
    world.produce('sample', 2)
    world.connect()
    world.clock.advance(100)
    expect(world.sent.map(({ lane, payload }) => [lane, seqsOf(payload)])).toEqual([
      ['tele', [7]],
      ['event', [4]],
      ['event', [5]],
      ['backlog', [1, 2, 3, 6]],
    ])
  })

  it('does not pass off an old value as live', () => {
    const world = board()
    world.produce('sample')
    world.clock.advance(61_000)
    world.connect()
    world.clock.advance(100)
    expect(lanes(world)).toEqual(['backlog'])
  })

  it('paces three hours of backlog, so that every new value still leaves in the second it was measured', () => {
    const world = board()
    world.produce('sample', 10_800)
    world.clock.advance(120_000)
    world.connect()
    const startedAt = world.clock.monotonic()
    while (world.spool.status().unsent > 2) {
      world.clock.advance(1_000)
      world.produce('sample')
    }
    const seconds = (world.clock.monotonic() - startedAt) / 1_000
    expect(seconds).toBeGreaterThan(10_800 / 300 - 2)
    expect(seconds).toBeLessThan(60)
    for (const { lane, payload } of world.sent) {
      expect(utf8Length(payload)).toBeLessThanOrEqual(MAX_TELEMETRY_BYTES)
      if (lane === 'tele') expect(seqsOf(payload)).toHaveLength(1)
    }
    expect(world.server.counts.duplicates).toBe(0)
  })
})

describe('a rewind', () => {
  it('refills what a restored database forgot, from objects that had their receipt long ago', () => {
    const world = board()
    world.connect()
    const back = world.server.snapshot()
    world.produce('sample', 640)
    world.clock.advance(60_000)
    expect(world.spool.status()).toMatchObject({ unsent: 0, upto: 640 })
    back()
    expect(world.server.stored(EPOCH).size).toBe(0)
    world.spool.receipt({ e: EPOCH, upto: 0, rewind: 1 })
    world.clock.advance(60_000)
    expect(world.server.stored(EPOCH).size).toBe(640)
  })

  it('is not needed where a receipt itself shows that the database went back: the bridge that had promised may be gone', () => {
    const world = board()
    world.connect()
    const back = world.server.snapshot()
    world.produce('sample', 40)
    world.clock.advance(60_000)
    expect(world.spool.status()).toMatchObject({ unsent: 0, upto: 40 })
    back()
    world.produce('sample')
    world.clock.advance(60_000)
    expect([...world.server.stored(EPOCH).keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 41 }, (_, i) => i + 1))
    expect(world.spool.status()).toMatchObject({ unsent: 0, upto: 41 })
  })
})

describe('a receipt', () => {
  it('that is merely old uncovers nothing', () => {
    const world = board()
    world.connect()
    world.produce('sample', 20)
    world.clock.advance(60_000)
    world.spool.receipt({ e: EPOCH, upto: 5, have: [[8, 9]] })
    expect(world.spool.status()).toMatchObject({ unsent: 0, upto: 20 })
  })

  it('of another epoch changes nothing and is counted', () => {
    const world = board()
    world.connect()
    world.databaseUp = false
    world.produce('sample', 3)
    world.spool.receipt({ e: 'other', upto: 3 })
    expect(world.spool.status()).toMatchObject({ unsent: 3, foreignReceipts: 1 })
  })

  it('beyond our own numbers shows that the tail of the store was lost: those numbers are never given again', () => {
    const world = board()
    world.connect()
    world.produce('sample', 3)
    world.spool.receipt({ e: EPOCH, upto: 10 })
    world.produce('sample')
    expect(world.spool.status()).toMatchObject({ lastSeq: 11 })
    expect(seqsOf(world.sent.at(-1)?.payload ?? '')).toEqual([11])
  })
})

describe('a full store', () => {
  it('gives up the oldest objects and says which, in an object of its own', () => {
    const world = new FaultyWorld({ random: seeded(1), capacity: 50, settings: { dropAtOnce: 10 } })
    world.produce('sample', 95)
    expect(world.spool.status()).toMatchObject({ unsent: 45, dropped: 50 })
    world.clock.advance(120_000)
    world.connect()
    world.clock.advance(60_000)
    expect(world.server.lost(EPOCH)).toEqual([[1, 50]])
    expect(world.spool.status()).toMatchObject({ unsent: 0, upto: 96 })
    expect(JSON.parse(world.server.stored(EPOCH).get(96)?.text ?? '')).toMatchObject({ s: 96, gap: [1, 50], why: 'overflow' })
  })

  it('gives up what is proven stored before anything else', () => {
    const world = new FaultyWorld({ random: seeded(1), capacity: 50, settings: { dropAtOnce: 10 } })
    world.connect()
    world.produce('sample', 40)
    world.clock.advance(10_000)
    world.cut()
    world.produce('sample', 45)
    expect(world.spool.status()).toMatchObject({ unsent: 45, dropped: 0 })
  })
})

describe('payloads', () => {
  const options = { epoch: EPOCH, boot: 2, wallTimeAt: (up: number) => 1_000_000 + up }
  const record = (seq: number, boot: number, body: string) => ({ seq, boot, body, kind: 'sample' as const })

  it('keep to the limits the contract sets', () => {
    expect([PAYLOAD_BYTES, PAYLOAD_OBJECTS]).toEqual([MAX_TELEMETRY_BYTES, MAX_TELEMETRY_OBJECTS])
    const big = packPayloads(Array.from({ length: 900 }, (_, i) => record(i + 1, 2, `{"t":1,"note":"${'é'.repeat(100)}"}`)), options)
    expect(big.length).toBeGreaterThan(2)
    for (const { text } of big) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_TELEMETRY_BYTES)
    expect(big.flatMap(({ seqs }) => seqs)).toEqual(Array.from({ length: 900 }, (_, i) => i + 1))
  })

  it('date what was recorded before the board knew the time, once it does', () => {
    expect(packPayloads([record(1, 2, '{"up":250,"m":{}}')], options)).toEqual([{ text: '{"e":"abcd0001","s":1,"t":1000250,"m":{}}', seqs: [1] }])
  })

  it('never mix the uptimes of two starts of the board', () => {
    const mixed = packPayloads([record(1, 1, '{"up":5,"m":{}}'), record(2, 2, '{"up":6,"m":{}}'), record(3, 2, '{"t":9,"m":{}}')], { ...options, wallTimeAt: () => undefined })
    expect(mixed.map(({ seqs }) => seqs)).toEqual([[1], [2, 3]])
  })

  it('count the bytes of a text as the network will', () => {
    for (const text of ['', 'abc', 'é', '漢字', '🫀 ok']) expect(utf8Length(text)).toBe(Buffer.byteLength(text))
  })
})
