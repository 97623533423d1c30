import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { createAgentTime } from '../../src/core/agent-time.ts'
import { createStartBook } from '../../src/core/start-book.ts'
import { jsonDocument } from '../../src/platform/json-document.ts'
import { openSqliteSpool } from '../../src/spool/open-sqlite-spool.ts'
import { createSpool } from '../../src/spool/protocol.ts'
import { drawPage } from '../../src/panel/pages.ts'
import { displayWords } from '../../src/panel/words.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR
/** When the board was first switched on, in truth. */
const TRUTH = Date.UTC(2026, 5, 1)

interface Sent {
  readonly e: string
  readonly s: number
  readonly t?: number
  readonly up?: number
  /** When it was made in truth. */
  readonly truth?: number
}

/** A board over several starts, with its spool and its documents on a real disk, and a clock that is wrong by `wrongMs`. */
function board() {
  const folder = temporaryFolder()
  const sent: Sent[] = []
  let truthMs = TRUTH
  let next = 1
  return {
    sent,
    /** Off for so long. */
    rest: (ms: number) => void (truthMs += ms),
    start: (wrongMs: number | 'at 1970') => {
      const clock: ManualClock = manualClock(wrongMs === 'at 1970' ? 60_000 : truthMs + wrongMs)
      const began = truthMs
      const truth = (): number => began + clock.monotonic()
      const store = openSqliteSpool({ path: join(folder, 'board.sqlite') })
      const starts = createStartBook(store, jsonDocument(join(folder, 'starts.json')), clock.now() - clock.monotonic())
      const time = createAgentTime(clock, starts)
      const spool = createSpool({
        store,
        clock,
        random: () => 0.5,
        time: () => time.stampOf(clock.monotonic()),
        wallTimeAt: (up) => time.provenTimeAt(up),
        earlierTimeAt: (boot, up) => starts.timeAt(boot, up),
        transport: {
          publish(_lane, payload, settled) {
            sent.push(...([JSON.parse(payload)].flat() as Sent[]))
            settled()
          },
        },
      })
      const beacon = (): void => time.hearServer(truth())
      return {
        clock,
        time,
        /** One object a minute. */
        measure(minutes: number) {
          for (let n = 0; n < minutes; n += 1) {
            clock.advance(60_000)
            spool.record([{ kind: 'sample', time: time.stampOf(clock.monotonic()), fields: { truth: truth(), m: { pr: 60 + (next++ % 40) } } }])
          }
        },
        /** The network is there, and the server says its time as the protocol has it: every 10 s, the first time within that. */
        connect(seconds = 60) {
          spool.online()
          spool.receipt({ e: store.epoch, upto: 0 })
          for (let second = 1; second <= seconds; second += 1) {
            clock.advance(1_000)
            if (second % 10 === 7) beacon()
            if (second % 5 === 0) spool.record([{ kind: 'sample', time: time.stampOf(clock.monotonic()), fields: { truth: truth() } }])
          }
        },
        connectSilently(seconds: number) {
          spool.online()
          spool.receipt({ e: store.epoch, upto: 0 })
          for (let second = 0; second < seconds; second += 1) clock.advance(1_000)
        },
        end() {
          truthMs = truth()
          spool.close()
        },
      }
    },
  }
}

/** How far what was sent lies from the truth, ms, at most; of the old objects alone, for the server dates a live one itself. */
const furthest = (sent: readonly Sent[]): number => Math.max(...sent.map(({ t = Number.NaN, truth = Number.NaN }) => Math.abs(t - truth)))
/** The first that was sent of each number: the server keeps that one. Nothing is receipted here, so all go again and again. */
const old = (sent: readonly Sent[], count: number): Sent[] => [...new Map(sent.filter(({ s }) => s <= count).map((one) => [one.s, one]).reverse() as [number, Sent][]).values()]
const identities = (sent: readonly Sent[]): Map<string, Set<number | undefined>> => {
  const all = new Map<string, Set<number | undefined>>()
  for (const { e, s, truth } of sent) all.set(`${e}/${s}`, (all.get(`${e}/${s}`) ?? new Set()).add(truth))
  return all
}

describe('a board that starts without network and with a wrong clock', () => {
  it.each([
    ['in 1970', 'at 1970' as const],
    ['a year ahead', YEAR],
    ['an hour behind', -HOUR],
    ['right', 0],
  ])('%s dates what it measured before it knew the time by the server', (_what, wrongMs) => {
    const { sent, start } = board()
    const run = start(wrongMs)
    run.measure(120)
    expect(run.time.isProven()).toBe(false)
    run.connect()
    expect(run.time.isProven()).toBe(true)
    expect(old(sent, 119)).toHaveLength(119)
    expect(furthest(old(sent, 119))).toBeLessThanOrEqual(1_000)
    run.end()
  })

  it.each([HOUR, -HOUR])('whose clock is set by %s ms meanwhile dates what came before and after alike', (step) => {
    const { sent, start } = board()
    const run = start(HOUR / 2)
    run.measure(60)
    run.clock.stepWallClock(step)
    run.measure(60)
    run.connect()
    expect(furthest(old(sent, 119))).toBeLessThanOrEqual(1_000)
    run.end()
  })

  it('and was started again meanwhile dates every start by how wrong its clock is now', () => {
    const { sent, start, rest } = board()
    for (let n = 0; n < 3; n += 1) {
      const run = start(YEAR)
      run.measure(40)
      run.end()
      rest(3 * HOUR)
    }
    const last = start(YEAR)
    last.measure(40)
    last.connect()
    last.end()
    expect(old(sent, 160)).toHaveLength(160)
    expect(furthest(old(sent, 159))).toBeLessThanOrEqual(1_000)
    expect([...identities(sent).values()].every((truths) => truths.size === 1)).toBe(true)
  })

  it('that begins in 1970 with each start puts the starts one behind the other, never into each other or the future', () => {
    const { sent, start } = board()
    for (let n = 0; n < 3; n += 1) {
      const run = start('at 1970')
      run.measure(30)
      run.end()
    }
    const last = start('at 1970')
    last.measure(30)
    last.connect()
    last.end()
    // Started again at once, as here, the dates are right to the second minute.
    expect(furthest(old(sent, 119))).toBeLessThanOrEqual(2 * 60_000)
    const byNumber = new Map(old(sent, 119).map(({ s, t = 0 }) => [s, t]))
    for (let s = 2; s <= 119; s += 1) expect(byNumber.get(s)).toBeGreaterThan(byNumber.get(s - 1) ?? 0)
  })

  it('that heard the server in an earlier start only, and its clock was then lost, keeps the dates of that start', () => {
    const { sent, start, rest } = board()
    const first = start(HOUR)
    first.measure(10)
    first.time.hearServer(TRUTH + first.clock.monotonic())
    first.clock.advance(10_000)
    first.time.hearServer(TRUTH + first.clock.monotonic())
    first.end()
    rest(5 * HOUR)
    const second = start('at 1970')
    second.measure(10)
    second.connect()
    second.end()
    expect(furthest(old(sent, 19))).toBeLessThanOrEqual(1_000)
  })

  it('with dated objects of an earlier start before the undated ones does not send those ahead of the server\'s word', () => {
    const { sent, start, rest } = board()
    const first = start(0)
    for (let n = 0; n < 2; n += 1) {
      first.clock.advance(10_000)
      first.time.hearServer(TRUTH + first.clock.monotonic())
    }
    first.measure(10)
    first.end()
    rest(5 * HOUR)
    const second = start(YEAR)
    second.measure(10)
    second.connect()
    second.end()
    expect(old(sent, 19)).toHaveLength(19)
    expect(furthest(old(sent, 19))).toBeLessThanOrEqual(1_000)
  })

  it('sends after half a minute what it claims when the server does not say its time: nothing is kept back for ever', () => {
    const { sent, start } = board()
    const run = start(0)
    run.measure(120)
    run.connectSilently(20)
    expect(old(sent, 119)).toEqual([])
    run.connectSilently(60)
    expect(old(sent, 119)).toHaveLength(119)
    expect(furthest(old(sent, 119))).toBe(0)
    expect(JSON.stringify(sent)).not.toContain('"own"')
    run.end()
  })

  it('says so on its display', () => {
    const view = { device: 'b', site: 'main', mode: 'real' as const, firmware: '1', latest: { m: {}, q: {}, x: {}, sq: {} }, connected: false, why: '', unsent: 3, dropped: 0, sensors: 1, faults: [], words: displayWords.en }
    expect(drawPage('connection', { ...view, timeProven: false })).not.toEqual(drawPage('connection', { ...view, timeProven: true }))
    for (const { clockUnsure } of Object.values(displayWords)) expect(clockUnsure.length).toBeLessThanOrEqual(21)
  })
})
