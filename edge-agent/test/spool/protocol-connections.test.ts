import { describe, expect, it } from 'vitest'
import type { Clock } from '@vigil/contract/clock'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { memorySpoolStore } from '../../src/spool/memory-spool-store.ts'
import { createSpool, type SpoolLane, type SpoolSettings } from '../../src/spool/protocol.ts'

const EPOCH = 'abcd0001'

/** A spool whose broker acknowledges when the test says so. */
function bench({ capacity = 100_000, settings = {} }: { capacity?: number; settings?: Partial<SpoolSettings> } = {}) {
  const clock = manualClock()
  const timers = { set: 0 }
  const counting: Clock = { ...clock, after: (delayMs, run) => (timers.set++, clock.after(delayMs, run)) }
  const sent: { lane: SpoolLane; seqs: number[]; settled: () => void }[] = []
  const spool = createSpool({
    store: memorySpoolStore({ epoch: EPOCH, capacity }),
    clock: counting,
    random: () => 0,
    settings,
    time: () => ({ t: clock.now() }),
    wallTimeAt: () => undefined,
    transport: { publish: (lane, payload, settled) => sent.push({ lane, seqs: [JSON.parse(payload) as { s: number } | { s: number }[]].flat().map(({ s }) => s), settled }) },
  })
  const record = (count = 1): void => {
    for (let i = 0; i < count; i++) spool.record([{ kind: 'sample', time: { t: clock.now() }, fields: { m: {} } }])
  }
  return { clock, spool, sent, timers, record }
}

describe('what was on its way when the connection went', () => {
  it('goes again as soon as the next connection is answered, not when its wait for a receipt is over', () => {
    const { spool, sent, record } = bench()
    spool.online()
    record(3)
    spool.offline()
    sent.length = 0
    spool.online()
    spool.receipt({ e: EPOCH, upto: 1 })
    expect(sent.map(({ lane, seqs }) => [lane, seqs])).toEqual([['tele', [3]], ['backlog', [2]]])
  })

  it('frees no place when its PUBACK comes late: never more than four waiting messages are on the way', () => {
    const { clock, spool, sent } = bench()
    const events = Array.from({ length: 30 }, () => ({ kind: 'event' as const, time: { t: clock.now() }, fields: { ev: 'probe_off', ph: 'once' } }))
    spool.record(events)
    const connect = () => {
      sent.length = 0
      spool.online()
      spool.receipt({ e: EPOCH, upto: 0 })
      return sent.map(({ settled }) => settled)
    }
    const late = connect()
    expect(late).toHaveLength(4)
    spool.offline()
    const current = connect()
    for (const settled of late) settled()
    expect(sent).toHaveLength(4)
    current[0]?.()
    expect(sent).toHaveLength(5)
  })
})

describe('a full store on a board whose database is away', () => {
  it('gives up old objects without turning in circles over them', () => {
    const { clock, spool, sent, timers, record } = bench({ capacity: 60, settings: { dropAtOnce: 10 } })
    spool.online()
    spool.receipt({ e: EPOCH, upto: 0 })
    for (let second = 0; second < 600; second++) {
      record()
      clock.advance(1_000)
      for (const { settled } of sent.splice(0)) settled()
    }
    expect(spool.status().dropped).toBeGreaterThan(400)
    expect(timers.set).toBeLessThan(600 * 20)
    // Saying what is gone costs few numbers of its own.
    expect(spool.status().lastSeq).toBeLessThan(600 + 30)
  })
})
