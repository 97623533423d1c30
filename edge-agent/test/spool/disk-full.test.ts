import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { countRanges } from '@vigil/contract/ranges'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { spoolEvents } from '../../src/core/spool-events.ts'
import { openSpool } from '../../src/platform/open-spool.ts'
import { layUpBallast } from '../../src/spool/ballast.ts'
import { openSqliteSpool } from '../../src/spool/open-sqlite-spool.ts'
import { createSpool } from '../../src/spool/protocol.ts'
import { minuteRollUp } from '../../src/spool/roll-up.ts'
import { modelServer } from '../support/model-server.ts'

const MINUTE_MS = 60_000
const OBJECTS = 7_000
/** A disk of 4 MB of its own where this user may mount one; elsewhere the limit of SQLite's pages stands for it. */
const folder = mkdtempSync(join(tmpdir(), 'vigil-full-'))
const isRealDisk = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'vigil-full', folder], { stdio: 'ignore' }).status === 0
afterAll(() => {
  if (isRealDisk) execFileSync('umount', ['-l', folder])
  rmSync(folder, { recursive: true, force: true })
})

/** Takes every byte that is left on the disk. */
function fillUp(): void {
  for (const bytes of [65_536, 4_096, 512]) {
    for (let i = 0; ; i++) {
      try {
        writeFileSync(join(folder, `rubbish-${bytes}-${i}`), Buffer.alloc(bytes, 7))
      } catch {
        break
      }
    }
  }
}

describe(isRealDisk ? 'on a disk of 4 MB that somebody else fills to the last byte' : 'in a spool that may not grow (no right to mount a small disk)', () => {
  it('keeps the newest as they are, a minute summary of the rest, counts and tells what it gave up, and never fails', () => {
    const path = join(folder, 'board.sqlite')
    const clock = manualClock()
    const server = modelServer()
    const store = openSqliteSpool({ path, synchronous: 'normal', ...(isRealDisk ? {} : { limitBytes: 1024 * 1024 }) })
    const spool = createSpool({
      store,
      rollUp: minuteRollUp,
      clock,
      random: () => 0.5,
      time: () => ({ t: clock.now() }),
      wallTimeAt: () => undefined,
      transport: {
        publish: (lane, payload, settled) => {
          server.receive(lane, payload)
          clock.after(1, settled)
          clock.after(2, () => spool.receipt(server.receiptFor(store.epoch)))
        },
      },
    })
    const beganAt = Math.ceil(clock.now() / MINUTE_MS) * MINUTE_MS
    const made = new Map<number, number>()
    for (let i = 0; i < OBJECTS; i++) {
      if (i === 2_000 && isRealDisk) fillUp()
      const t = beganAt + i * 1_000
      const kind = i === 100 ? 'event' : 'sample'
      const seq = spool.record([{ kind, time: { t }, fields: kind === 'event' ? { ev: 'probe_off', ph: 'once' } : { m: { pr: 60 + (i % 60), spo2: 97.5, temp: 36.75, rr: 14.2, pip: 8.05, peep: 4.44, paw: 6.46 }, q: { temp: 'calibrating' }, sq: { pr: 93 } } }])
      if (seq !== undefined) made.set(seq, t)
    }
    expect(made.size).toBe(OBJECTS)
    expect(spool.status().unrecorded).toBe(0)
    if (isRealDisk) expect(statSync(path).size).toBeLessThan(4 * 1024 * 1024)

    spool.online()
    spool.receipt(server.answerOnline(store.epoch, 0))
    for (let i = 0; i < 300; i++) clock.advance(1_000)
    expect(server.counts.refused).toEqual([])
    expect(spool.status()).toMatchObject({ unsent: 0, upto: store.lastSeq() })
    const rows = [...server.stored(store.epoch).values()].map(({ text }) => JSON.parse(text) as { s: number; t: number; ev?: string; m?: Record<string, number>; over?: { n: number; lo: Record<string, number>; hi: Record<string, number> } })
    const summaries = rows.filter((row) => row.over !== undefined)
    const lost = server.lost(store.epoch)
    const given = [...made.keys()].filter((seq) => !server.stored(store.epoch).has(seq))
    // What is not there is told, and is the oldest; what is there is an unbroken end.
    expect(countRanges(lost)).toBe(given.length)
    expect(spool.status().dropped).toBe(given.length)
    expect(given.length).toBeGreaterThan(1_000)
    const plainTimes = rows.filter((row) => row.m && !row.over).map((row) => row.t)
    expect(plainTimes.length).toBeGreaterThan(500)
    expect(Math.min(...plainTimes)).toBeGreaterThan(Math.max(...summaries.map((row) => row.t)))
    // The first event is older than all of them and still there: there were samples to give up.
    expect(rows.filter((row) => row.ev === 'probe_off')).toHaveLength(1)
    // Each minute that was given up is there as one object, with the number of its samples, their mean and their ends.
    const minutes = new Map(summaries.map((row) => [Math.floor(row.t / MINUTE_MS), row]))
    expect(minutes.size).toBe(summaries.length)
    expect(summaries.reduce((sum, row) => sum + (row.over?.n ?? 0), 0)).toBe(given.length)
    const second = minutes.get(beganAt / MINUTE_MS)
    expect(second).toMatchObject({ m: { pr: 89.5, spo2: 97.5 }, q: { temp: 'calibrating' }, over: { ms: 60_000, n: 60, lo: { pr: 60 }, hi: { pr: 119 } } })
    spool.close()
  })

  it('starts again on the full disk: from its ballast, and without one in memory, with a word about it', () => {
    const path = join(folder, 'second.sqlite')
    const logged: string[] = []
    const open = () => openSpool({ path, synchronous: 'normal' }, (event) => logged.push(event))
    if (!isRealDisk) return expect(open().inMemoryBecause).toBeUndefined()
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
    layUpBallast(path, Number.POSITIVE_INFINITY)
    const first = open()
    for (let n = 1; n <= 500; n++) first.append([{ kind: 'sample', body: `{"t":${n},"m":{}}` }])
    first.close()
    fillUp()
    const second = open()
    expect([second.epoch, second.append([{ kind: 'sample', body: '{"t":501,"m":{}}' }])]).toEqual([first.epoch, 501])
    second.close()
    fillUp()
    const third = open()
    expect([third.inMemoryBecause, logged]).toEqual([expect.any(String), ['spool.in_memory']])
    expect(third.append([{ kind: 'sample', body: '{"t":1,"m":{}}' }])).toBe(1)
    expect(spoolEvents(third)).toMatchObject([{ ev: 'spool_in_memory' }])
    third.close()
    for (const name of readdirSync(folder)) if (name.startsWith('rubbish')) rmSync(join(folder, name))
    const fourth = open()
    expect([fourth.epoch, fourth.lastSeq()]).toEqual([first.epoch, 501])
    fourth.close()
  })
})
