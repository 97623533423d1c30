import { beforeEach, describe, expect, it } from 'vitest'
import { topicOf, type Channel } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { createLiveHub, type DropReason, type LiveHub } from '../../src/live/live-hub.ts'
import type { SampleFacts } from '../../src/live/live-device.ts'
import { deviceFact, memoryRegistry } from '../support/world.ts'

const T = Date.UTC(2026, 0, 1)

describe('what the central station hears', () => {
  let clock: ManualClock
  let hub: LiveHub
  let dropped: DropReason[]
  let told: unknown[][]
  const registry = memoryRegistry({ wards: [], stays: [], devices: [deviceFact('d'), deviceFact('old', { retiredAtMs: 1 }), deviceFact('seen', { lastSeenMs: T - 60_000 })] })
  const hear = (channel: Channel, body: unknown, { retained = false, device = 'd', site = 'main' } = {}) =>
    hub.receive({ topic: topicOf({ site, device }, channel), payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), retained })

  beforeEach(() => {
    clock = manualClock(T)
    dropped = []
    told = []
    hub = createLiveHub({ registry, clock, countDrop: (reason) => dropped.push(reason) })
    hub.listen({ values: (...facts) => told.push(['values', ...facts]), presence: (...facts) => told.push(['presence', ...facts]), birth: (id, _state, fresh) => told.push(['birth', id, fresh]) })
  })

  it('is the newest value, and that the device is there', () => {
    expect(hub.status('d')).toBe('never')
    hear('tele', { e: 'a', s: 1, t: T, m: { pr: 72 } })
    expect(hub.latest('d', 0)).toEqual({ pr: { v: 72, t: T } })
    expect([hub.status('d'), hub.lastSeenMs('d')]).toEqual(['online', T])
    expect(told).toEqual([['presence', 'd', 'online'], ['values', 'd', ['pr']]])
  })

  it('is dated by the server when the device has no clock', () => {
    hear('tele', [{ e: 'a', s: 1, up: 5_000, m: { pr: 70 } }, { e: 'a', s: 2, up: 7_000, m: { spo2: 97 } }])
    expect(hub.latest('d', 0)).toEqual({ pr: { v: 70, t: T - 2_000 }, spo2: { v: 97, t: T } })
  })

  it('never looks fresher than now, when a device clock is ahead', () => {
    hear('tele', { e: 'a', s: 1, t: T + 9 * 60_000, m: { pr: 72 } })
    hear('tele', { e: 'a', s: 2, t: T + 86_400_000, m: { spo2: 97 } })
    hear('tele', { e: 'a', s: 3, t: 1_000, m: { rr: 12 } })
    expect(Object.values(hub.latest('d', 0)).map((value) => value?.t)).toEqual([T, T, T])
  })

  it('is dated by our clock too, when a device clock is behind, and somebody is told; what comes late by another lane is left as it is', () => {
    const facts: SampleFacts[] = []
    hub.listen({ sample: (_device, _sample, told) => facts.push(told) })
    const nineMinutes = 9 * 60_000
    hear('tele', { e: 'a', s: 1, t: T - nineMinutes, m: { pr: 72 } })
    clock.advance(1_000)
    // Held up on its way for a second: it is not newer than the first one's way allows.
    hear('tele', { e: 'a', s: 2, t: T - nineMinutes, m: { pr: 72 } })
    hear('backlog', { e: 'a', s: 3, t: T - nineMinutes, m: { pr: 72 } })
    expect(facts.map(({ t, ourMs, clockSuspect }) => [t - T, ourMs - T, clockSuspect])).toEqual([[-nineMinutes, 0, true], [-nineMinutes, 0, true], [-nineMinutes, -nineMinutes, false]])
  })

  it('goes late, then lost, by our own clock and without any will', () => {
    hear('tele', { e: 'a', s: 1, t: T, m: { pr: 72 } })
    clock.stepWallClock(-3_600_000)
    clock.advance(6_000)
    hub.sweep()
    expect(hub.status('d')).toBe('late')
    clock.advance(30_000)
    hub.sweep()
    expect(told.filter(([what]) => what === 'presence').map(([, , status]) => status)).toEqual(['online', 'late', 'lost'])
  })

  it('is lost at once with its will, and there again with its next word', () => {
    hear('state', { st: 'online', e: 'a' })
    hear('state', { st: 'lost', e: 'a' })
    expect(hub.status('d')).toBe('lost')
    hear('event', { e: 'a', s: 1, t: T, ev: 'button', ph: 'once' })
    expect(hub.status('d')).toBe('online')
  })

  it('takes the kept birth as a description, not as proof of life', () => {
    hear('state', { st: 'online', e: 'a', fw: '1.4.0' }, { retained: true })
    expect([hub.status('d'), hub.birth('d')?.fw, hub.lastSeenMs('d')]).toEqual(['late', '1.4.0', undefined])
    expect(told).toContainEqual(['birth', 'd', false])
    clock.advance(31_000)
    expect(hub.status('d')).toBe('lost')
    hear('tele', { e: 'a', s: 1, t: T, m: {} })
    hear('state', { st: 'lost', e: 'a' }, { retained: true })
    expect(hub.status('d')).toBe('online')
  })

  it('remembers across a restart that a device was seen', () => expect(hub.status('seen')).toBe('lost'))

  it('follows the interval the device reports, else the one its samples show', () => {
    for (let i = 0; i < 5; i++) hear('tele', { e: 'a', s: i + 1, t: T - 300_000 + i * 60_000, m: { weight: 70 } })
    expect(hub.intervalMs('d')).toBe(60_000)
    hear('config/reported', { version: 3, set: { interval_ms: 500 } })
    expect([hub.intervalMs('d'), hub.reported('d')?.version]).toEqual([500, 3])
  })

  it.each<[DropReason, () => void]>([
    ['topic', () => hub.receive({ topic: 'vitals/1/main/d/nonsense', payload: Buffer.from('{}'), retained: false })],
    ['unknown_device', () => hear('tele', {}, { device: 'stranger' })],
    ['wrong_site', () => hear('tele', {}, { site: 'elsewhere' })],
    ['retired', () => hear('tele', {}, { device: 'old' })],
    ['too_large', () => hear('tele', `"${'x'.repeat(70_000)}"`)],
    ['too_large', () => hear('tele', Array.from({ length: 2_001 }, () => 1))],
    ['json', () => hear('tele', '{"e":')],
    // What is kept of a device is written with that of all others: one nested too deeply would keep everybody's from being written.
    ['json', () => hear('state', `{"st":"online","caps":{"x":${'['.repeat(6_000)}${']'.repeat(6_000)}}}`)],
    ['schema', () => hear('tele', { e: 'a', s: 1, t: T, m: { pr: '72' } })],
    ['schema', () => hear('tele', null)],
    ['schema', () => hear('state', { st: 'perhaps' })],
    ['schema', () => hear('config/reported', { version: -1 })],
  ])('counts what it leaves aside: %s', (reason, say) => {
    say()
    expect(dropped).toEqual([reason])
    expect(hub.latest('d', 0)).toEqual({})
  })

  it('loses only the bad object of an array', () => {
    hear('tele', [{ e: 'a', s: 1, t: T, m: { pr: 72 } }, { e: 'a', s: 'two' }, { e: 'a', s: 3, t: T, gap: [1, 2], why: 'overflow' }, { e: 'a', s: 4, t: T, m: { spo2: 98 } }])
    expect(Object.keys(hub.latest('d', 0))).toEqual(['pr', 'spo2'])
    expect(dropped).toEqual(['schema'])
  })

  it('knows values of before the restart, and lets every newer one win', () => {
    hub.seed('d', { sys: 132, pr: 60 }, T - 3_600_000)
    hear('tele', { e: 'a', s: 1, t: T, m: { pr: 72 } })
    hub.seed('d', { pr: 61 }, T - 1_000)
    expect(hub.latest('d', 0)).toEqual({ sys: { v: 132, t: T - 3_600_000 }, pr: { v: 72, t: T } })
  })
})
