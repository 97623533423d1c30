import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { act, advance, askings, cutRings } from '../../src/rollouts/rollout-machine.ts'
import type { DeviceNow, RolloutFact } from '../../src/rollouts/rollout.ts'

type Nature = 'good' | 'refuses' | 'mute' | 'dies'
const WAIT_MS = 10_000

/** Boards that answer, refuse, say nothing, or fall silent after they answered. Time is the test's. */
class Fleet {
  nowMs = 1_000_000
  readonly boards: Map<string, { nature: Nature; now: DeviceNow; asks: number }>

  constructor(natures: readonly Nature[]) {
    this.boards = new Map(natures.map((nature, i) => [`d${i}`, { nature, asks: 0, now: { desired: { version: i, set: { language: 'en', interval_ms: 1_000 } }, reported: { version: i, errors: {} }, lastSeenMs: this.nowMs, isLost: false } }]))
  }

  readonly look = (id: string): DeviceNow | undefined => this.boards.get(id)?.now

  ask(rollout: RolloutFact, isHeard: () => boolean): void {
    for (const { device, version, set } of askings(rollout, this.look)) {
      const board = this.boards.get(device)
      if (!board || !isHeard()) continue
      expect(version).toBe(board.now.desired.version)
      board.asks++
      board.now = { ...board.now, desired: { version: version + 1, set } }
    }
  }

  pass(ms: number): void {
    this.nowMs += ms
    for (const board of this.boards.values()) {
      const { nature, now } = board
      const isNew = now.desired.version !== now.reported.version
      if (nature === 'dies' && !isNew && board.asks > 0) board.now = { ...now, isLost: true }
      else if (nature !== 'mute' && isNew) board.now = { ...now, reported: { version: now.desired.version, errors: nature === 'refuses' ? { interval_ms: 'too fast' } : {} }, lastSeenMs: this.nowMs }
    }
  }
}

const rolloutOf = (ids: readonly string[], more: Partial<RolloutFact> = {}): RolloutFact => ({
  id: 'r', version: 1, state: 'running', set: { interval_ms: 2_000 }, reason: 'test', createdAtMs: 0, createdBy: 'op', accountId: null,
  waitMs: WAIT_MS, watchMs: 3_000, mostFailed: 0, ring: 0, ringSinceMs: 1_000_000, devices: cutRings(ids, [{ devices: 1 }, { percent: 25 }]), ...more,
})
/** As it comes back from the database. */
const restart = (rollout: RolloutFact): RolloutFact => JSON.parse(JSON.stringify(rollout)) as RolloutFact

interface Run {
  readonly isHeard?: () => boolean
  readonly steps?: number
  readonly each?: (rollout: RolloutFact) => void
}

function run(fleet: Fleet, begun: RolloutFact, { isHeard = () => true, steps = 80, each }: Run = {}): RolloutFact {
  let rollout = begun
  for (let i = 0; i < steps; i++) {
    rollout = restart(advance(rollout, fleet.look, fleet.nowMs))
    fleet.ask(rollout, isHeard)
    each?.(rollout)
    fleet.pass(1_000)
  }
  return rollout
}
const ids = (n: number) => Array.from({ length: n }, (_, i) => `d${i}`)
const faults = (rollout: RolloutFact) => rollout.devices.flatMap(({ fault }) => fault ?? [])

describe('a change by rings', () => {
  it('cuts rings by number and share, none of them empty', () => {
    const sizes = (n: number, rings = [{ devices: 1 }, { percent: 25 }]) => cutRings(ids(n), rings).reduce<number[]>((sum, { ring }) => Object.assign(sum, { [ring]: (sum[ring] ?? 0) + 1 }), [])
    expect([sizes(1), sizes(2), sizes(20), sizes(40)]).toEqual([[1], [1, 1], [1, 5, 14], [1, 10, 29]])
  })

  it('reaches every board when all are good', () => {
    const fleet = new Fleet(ids(20).map(() => 'good'))
    const rollout = run(fleet, rolloutOf(ids(20)))
    expect([rollout.state, rollout.devices.every(({ state }) => state === 'done')]).toEqual(['done', true])
    expect([...fleet.boards.values()].every(({ now, asks }) => asks === 1 && now.desired.set['interval_ms'] === 2_000 && now.desired.set['language'] === 'en')).toBe(true)
  })

  it('stops by itself at a board that refuses, says nothing, or falls silent after it reported, and touches no further ring', () => {
    for (const [nature, fault] of [['refuses', 'refused'], ['mute', 'silent'], ['dies', 'silent']] as const) {
      const fleet = new Fleet([nature, 'good', 'good', 'good'])
      const rollout = run(fleet, rolloutOf(ids(4)))
      expect([rollout.state, faults(rollout)]).toEqual(['stopped', [fault]])
      expect([...fleet.boards.values()].map(({ asks }) => asks)).toEqual([1, 0, 0, 0])
    }
  })

  it('goes on after a person looked, and does not count what failed before again', () => {
    const fleet = new Fleet(['refuses', 'good', 'good'])
    const stopped = run(fleet, rolloutOf(ids(3)))
    expect(run(fleet, act(stopped, 'resume', fleet.nowMs) as RolloutFact).state).toBe('done')
  })

  it('asks nothing while paused, and waiting begins anew when it goes on', () => {
    const fleet = new Fleet(['mute', 'good'])
    const begun = run(fleet, rolloutOf(ids(2)), { steps: 5 })
    const paused = run(fleet, act(begun, 'pause', fleet.nowMs) as RolloutFact, { steps: 30 })
    expect([paused.state, faults(paused)]).toEqual(['paused', []])
    const resumed = run(fleet, act(paused, 'resume', fleet.nowMs) as RolloutFact, { steps: 8 })
    expect([resumed.state, run(fleet, resumed).state]).toEqual(['running', 'stopped'])
  })

  it('lets a person do only what its state allows', () => {
    const allowed = (state: RolloutFact['state']) => (['pause', 'resume', 'cancel', 'put_back'] as const).filter((kind) => act(rolloutOf(['d0'], { state }), kind, 0))
    expect(['running', 'paused', 'stopped', 'done', 'cancelled', 'putting_back', 'put_back'].map((state) => allowed(state as RolloutFact['state']).join())).toEqual(['pause,cancel,put_back', 'resume,cancel,put_back', 'resume,cancel,put_back', 'put_back', 'put_back', '', ''])
  })

  it('leaves alone what somebody changed by hand meanwhile', () => {
    const fleet = new Fleet(['good', 'good'])
    const done = run(fleet, rolloutOf(ids(2)))
    const board = fleet.boards.get('d0')
    if (board) board.now = { ...board.now, desired: { version: 9, set: { interval_ms: 500 } } }
    const back = run(fleet, act(done, 'put_back', fleet.nowMs) as RolloutFact)
    expect([back.state, back.devices.map(({ state }) => state)]).toEqual(['put_back', ['left', 'back']])
    expect([...fleet.boards.values()].map(({ now }) => now.desired.set['interval_ms'])).toEqual([500, 1_000])
  })

  it('with any fleet and a restart after every step: ends, asks each once, no ring before the one before it, none beyond too many failures, and can be put back', () => {
    const natures = fc.array(fc.constantFrom<Nature>('good', 'good', 'good', 'refuses', 'mute', 'dies'), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(natures, fc.nat(3), fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), (boards, mostFailed, heard) => {
        const fleet = new Fleet(boards)
        let n = 0
        // Now and then the station ends between writing down what it will ask and asking.
        const isHeard = () => n++ % 9 === 8 || heard[n % heard.length] === true
        const watch = (rollout: RolloutFact) => {
          for (const device of rollout.devices) {
            if (device.ring > rollout.ring) expect([device.state, fleet.boards.get(device.id)?.asks]).toEqual(['waiting', 0])
            if (device.ring < rollout.ring) expect(['done', 'failed']).toContain(device.state)
          }
          const failed = (ring: number) => rollout.devices.filter((device) => device.ring === ring && device.state === 'failed').length
          if (rollout.state === 'running') expect(Math.max(failed(0), failed(1), failed(2))).toBeLessThanOrEqual(mostFailed)
        }
        const rollout = run(fleet, rolloutOf(ids(boards.length), { mostFailed }), { isHeard, steps: 160, each: watch })
        expect(['done', 'stopped']).toContain(rollout.state)
        for (const { asks } of fleet.boards.values()) expect(asks).toBeLessThanOrEqual(1)
        const back = run(fleet, act(rollout, 'put_back', fleet.nowMs) as RolloutFact, { isHeard, steps: 80 })
        expect(back.state).toBe('put_back')
        for (const { now } of fleet.boards.values()) expect(now.desired.set).toEqual({ language: 'en', interval_ms: 1_000 })
      }),
      { seed: 20_261_129, numRuns: 30 },
    )
  })
})
