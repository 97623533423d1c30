import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import { CANARY_SILENT_MS, type Duty, type DutyBoard, FROZEN_MS, LOCK_KEPT_MS, PATIENCE_MS, type Peer, PEER_LOST_MS, ROUND_MS, watchDuty } from '../../src/alarms/duty/duty.ts'

/** One lock and one list of engines, as PostgreSQL keeps them; it can be away, and then every lock is free. */
function createServer() {
  let holder: string | undefined
  const since = new Map<string, number>()
  const duty = new Set<string>()
  const known = new Set<string>()
  const killed = new Set<string>()
  let turn = 0
  const server = {
    away: false,
    /** The server ends the connection of one that says nothing. */
    free(id: string) {
      if (holder === id) holder = undefined
    },
    /** This one is gone with its connection, and the lock with that. */
    kill(id: string) {
      killed.add(id)
      if (holder === id) holder = undefined
    },
    board: (id: string): DutyBoard => ({
      async round({ take }) {
        if (killed.has(id)) return { lock: 'away', peers: [], otherSince: false }
        if (server.away) {
          holder = undefined
          return { lock: 'away', peers: [], otherSince: false }
        }
        known.add(id)
        const peers = [...known].filter((other) => other !== id).map((other): Peer => ({ id: other, name: other, duty: duty.has(other), seenMsAgo: 0, armed: {} }))
        const otherSince = [...since].some(([other, at]) => other !== id && at > (since.get(id) ?? 0))
        if (holder === id) return { lock: 'mine', peers, otherSince: false }
        if (holder !== undefined) return { lock: 'another', peers, otherSince }
        if (!take) return { lock: 'free', peers, otherSince }
        holder = id
        duty.clear()
        duty.add(id)
        since.set(id, ++turn)
        return { lock: 'mine', peers, otherSince }
      },
      async release() {
        if (holder === id) holder = undefined
        duty.delete(id)
      },
      stop: async () => undefined,
    }),
  }
  return server
}

describe('which engine is on duty', () => {
  const open: Duty[] = []
  let clock: ManualClock
  let server: ReturnType<typeof createServer>
  const engine = (id: string, { wasOnDuty = true, heard = () => undefined as number | undefined } = {}) => {
    const stale: boolean[] = []
    // A frozen program gets no timer; its clock goes on.
    const life = { frozen: false }
    const mine: Clock = { ...clock, every: (ms, run) => clock.every(ms, () => { if (!life.frozen) run() }) }
    const duty = watchDuty({ board: server.board(id), armed: () => ({}), canaryHeardMs: heard, wasOnDuty, clock: mine, log: silentLog })
    duty.onChange((_state, why) => stale.push(why.stale))
    open.push(duty)
    const freeze = () => {
      life.frozen = true
      return () => { life.frozen = false }
    }
    return { duty, stale, state: () => duty.state(), freeze }
  }
  /** Lets time pass with every round answered. */
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += ROUND_MS) {
      clock.advance(Math.min(ROUND_MS, ms - at))
      for (let i = 0; i < 20; i++) await Promise.resolve()
    }
  }
  const begin = () => {
    clock = manualClock()
    server = createServer()
  }
  afterEach(async () => {
    for (const duty of open.splice(0)) await duty.stop()
  })

  it('is the first, at once, and goes by its own log; the next one stands by', async () => {
    begin()
    const first = engine('a')
    await pass(ROUND_MS)
    const second = engine('b')
    await pass(ROUND_MS)
    expect([first.state(), second.state(), first.stale]).toEqual(['duty', 'standby', [false]])
    expect(second.duty.peers().map(({ id, duty }) => [id, duty])).toEqual([['a', true]])
  })

  it('is the standby within a round when the first is killed, and by what the first wrote', async () => {
    begin()
    engine('a')
    await pass(ROUND_MS)
    const second = engine('b')
    await pass(PATIENCE_MS + ROUND_MS)
    server.kill('a')
    await pass(ROUND_MS)
    expect([second.state(), second.stale]).toEqual(['duty', [true, true]])
  })

  it('is never two: the first gets its lock back after PostgreSQL was away, before the standby may ask', async () => {
    begin()
    const first = engine('a')
    await pass(ROUND_MS)
    const second = engine('b', { heard: () => clock.monotonic() })
    await pass(PATIENCE_MS * 2)
    server.away = true
    await pass(60_000)
    expect([first.state(), second.state()]).toEqual(['duty', 'standby'])
    server.away = false
    for (let i = 0; i < 40; i++) {
      await pass(ROUND_MS)
      expect([first.state(), second.state()]).toEqual(['duty', 'standby'])
    }
  })

  it('is the standby while PostgreSQL is away only when the canary of the first is not heard either', async () => {
    begin()
    const first = engine('a')
    await pass(ROUND_MS)
    let heardMs = 0
    const second = engine('b', { heard: () => heardMs })
    await pass(PATIENCE_MS * 2)
    server.away = true
    heardMs = clock.monotonic()
    await pass(CANARY_SILENT_MS - ROUND_MS)
    expect(second.state()).toBe('standby')
    await pass(ROUND_MS * 4)
    expect([first.state(), second.state()]).toEqual(['duty', 'duty'])
    // Both believed to be the one: the lock decides, and the loser reads what the other wrote.
    server.away = false
    await pass(ROUND_MS * 2)
    expect([first.state(), second.state()].filter((state) => state === 'duty')).toHaveLength(1)
  })

  it('may not speak after it was frozen before it knows whether another took over, and then stands by', async () => {
    begin()
    const first = engine('a')
    await pass(ROUND_MS)
    const second = engine('b')
    await pass(PATIENCE_MS + ROUND_MS)
    expect([first.duty.maySpeak(), second.duty.maySpeak()]).toEqual([true, false])
    // Its connection was ended by the server, and the standby took over meanwhile.
    const thaw = first.freeze()
    server.free('a')
    await pass(LOCK_KEPT_MS * 2)
    expect([second.state(), second.duty.maySpeak()]).toEqual(['duty', true])
    thaw()
    expect([first.state(), first.duty.maySpeak()]).toEqual(['duty', false])
    await pass(ROUND_MS)
    expect([first.state(), second.state()]).toEqual(['standby', 'duty'])
  })

  it('goes on after a sleep in which nobody took over', async () => {
    begin()
    const only = engine('a')
    await pass(ROUND_MS * 2)
    const thaw = only.freeze()
    await pass(LOCK_KEPT_MS - ROUND_MS)
    thaw()
    expect([only.state(), only.duty.maySpeak()]).toEqual(['duty', false])
    await pass(ROUND_MS)
    expect([only.state(), only.duty.maySpeak()]).toEqual(['duty', true])
  })

  it('stands by after it was frozen while PostgreSQL is away, where nobody can be asked, and is on duty again when nothing else is heard', async () => {
    begin()
    const heard = { ms: 0 }
    const only = engine('a', { heard: () => heard.ms })
    await pass(ROUND_MS * 2)
    server.away = true
    const thaw = only.freeze()
    await pass(LOCK_KEPT_MS + FROZEN_MS)
    thaw()
    heard.ms = clock.monotonic()
    await pass(ROUND_MS)
    expect(only.state()).toBe('standby')
    await pass(CANARY_SILENT_MS + ROUND_MS * 2)
    expect([only.state(), only.duty.maySpeak()]).toEqual(['duty', true])
  })

  it('knows no other engine any more after ten seconds without an answer of PostgreSQL: its screens are not told of alarms', async () => {
    begin()
    const first = engine('a')
    await pass(ROUND_MS)
    const second = engine('b', { heard: () => clock.monotonic() })
    await pass(ROUND_MS * 2)
    server.away = true
    await pass(PEER_LOST_MS - ROUND_MS * 2)
    expect([first.duty.peers().length, second.duty.peers().length]).toEqual([1, 1])
    await pass(ROUND_MS * 3)
    expect([first.duty.peers().length, second.duty.peers().length]).toEqual([0, 0])
  })

  it('starts without PostgreSQL as it ended', async () => {
    begin()
    server.away = true
    const [was, stood] = [engine('a'), engine('b', { wasOnDuty: false })]
    await pass(PATIENCE_MS)
    expect([was.state(), stood.state()]).toEqual(['duty', 'standby'])
  })

  it('gives its duty away at once when it is stopped', async () => {
    begin()
    const first = engine('a')
    await pass(ROUND_MS)
    const second = engine('b')
    await pass(ROUND_MS)
    await first.duty.stop()
    open.splice(open.indexOf(first.duty), 1)
    await pass(ROUND_MS * 2)
    expect(second.state()).toBe('duty')
  })
})
