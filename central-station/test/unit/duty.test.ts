import { afterEach, describe, expect, it } from 'vitest'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import { CANARY_SILENT_MS, type Duty, type DutyBoard, PATIENCE_MS, type Peer, ROUND_MS, watchDuty } from '../../src/alarms/duty/duty.ts'

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
    const duty = watchDuty({ board: server.board(id), armed: () => ({}), canaryHeardMs: heard, wasOnDuty, clock, log: silentLog })
    duty.onChange((_state, why) => stale.push(why.stale))
    open.push(duty)
    return { duty, stale, state: () => duty.state() }
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
