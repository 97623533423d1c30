import { manualClock } from '@vigil/contract/testing/manual-clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeHours } from '../../src/closing/close-hours.ts'
import { dueHours } from '../../src/closing/due-hours.ts'
import { partitionsOf } from '../../src/closing/partitions-of.ts'
import { type Connection, createConnection } from '../../src/store/connection.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { handBridge, type HandBridge } from '../support/hand-bridge.ts'
import { expectWhole, keepShadow } from '../support/shadow.ts'
import { until } from '../support/until.ts'

const T0 = Date.UTC(2026, 2, 1, 8)
const NOW = T0 + 30 * 3_600_000
let database: TestDatabase
let hand: HandBridge

beforeAll(async () => {
  database = await freshDatabase()
  await keepShadow(database)
  hand = handBridge(database.url, { clock: manualClock(NOW), closeAfterMs: 60_000 })
})
afterAll(async () => {
  await hand.stop()
  await database.close()
})

async function fill(device: string, first: number, count: number, everyMs: number): Promise<void> {
  for (let s = first; s < first + count; s += 200) {
    hand.source.deliver(device, 'backlog', Array.from({ length: 200 }, (_, i) => ({ e: 'a', s: s + i, t: T0 + (s + i) * everyMs, m: { pr: 60 + ((s + i) % 20), spo2: 97.5 } })), NOW)
  }
  await until(() => hand.source.unsettled() === 0, 'every message to be settled')
}

/** A connection whose n-th call breaks off, before or after the server has done it. */
function failingAt(connection: Connection, n: number, when: 'before' | 'after'): Connection {
  let calls = 0
  const counted = <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const mine = ++calls === n
      if (mine && when === 'before') throw new Error('cut off')
      const answer = await run(...args)
      if (mine) throw new Error('cut off')
      return answer
    }
  return {
    query: counted((query: Parameters<Connection['query']>[0]) => connection.query(query)) as Connection['query'],
    begin: counted((...question: Parameters<Connection['begin']>) => connection.begin(...question)) as Connection['begin'],
    copyAndCommit: counted((copy: string, frames: Buffer) => connection.copyAndCommit(copy, frames)),
    copyOut: counted((copy: string, onRow: Parameters<Connection['copyOut']>[1]) => connection.copyOut(copy, onRow)),
    commit: counted(() => connection.commit()),
  }
}

describe('closing that is cut off', () => {
  it('at any of its steps leaves the old or the new, never both and never neither', { timeout: 60_000 }, async () => {
    const no = await database.register('steps')
    await fill('steps', 1, 800, 9_000)
    let step = 0
    for (let over = false; !over; ) {
      step++
      for (const when of ['before', 'after'] as const) {
        const side = createConnection({ url: database.url, name: 'test' })
        const closing = side.use(async (connection) => {
          await connection.query({ text: `select ensure_segment_partition('2026-03-01')` })
          for (const partition of await partitionsOf(connection, 'sample')) {
            const due = await dueHours(connection, partition, NOW)
            if (due.length > 0) return closeHours(failingAt(connection, step, when), due)
          }
          return 0
        })
        over = await closing.then(() => true, () => false)
        await side.close()
        const { open, closed } = await expectWhole(database, no)
        expect(open + closed).toBe(800)
        if (over) break
      }
    }
    expect(step).toBeGreaterThan(3)
  })

  it('by the death of its server process again and again ends complete, with data coming in meanwhile', { timeout: 120_000 }, async () => {
    const no = await database.register('killed')
    const work = { running: true }
    const killer = (async () => {
      let seed = 11
      while (work.running) {
        seed = (seed * 48_271) % 2_147_483_647
        await new Promise((resolve) => setTimeout(resolve, 2 + (seed % 25)))
        await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vigil-bridge-closing' and datname = current_database()`)
      }
    })()
    let cutOff = 0
    for (let round = 0; round < 12; round++) {
      await fill('killed', 1 + round * 2_000, 2_000, 1_000)
      await hand.bridge.closeNow().catch(() => cutOff++)
      await expectWhole(database, no)
    }
    work.running = false
    await killer
    expect(cutOff).toBeGreaterThan(0)
    await hand.bridge.closeNow()
    expect(await expectWhole(database, no)).toEqual({ open: 0, closed: 24_000 })
  })

  it('is done by one bridge at a time: two at once move each row once', async () => {
    const no = await database.register('both')
    const other = handBridge(database.url, { clock: manualClock(NOW), closeAfterMs: 60_000 })
    await fill('both', 1, 4_000, 3_000)
    const moved = await Promise.all([hand.bridge.closeNow(), other.bridge.closeNow(), fill('both', 4_001, 1_000, 3_000)])
    await other.stop()
    await hand.bridge.closeNow()
    expect(moved[0] + moved[1]).toBeGreaterThanOrEqual(4_000)
    expect(await expectWhole(database, no)).toEqual({ open: 0, closed: 5_000 })
  })
})
