import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeWaveFrame, type CommandRecord, LIVE_HEARTBEAT_MS, type LiveFrame, topicOf, unpackLiveWave } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { Broadcast, TICK_MS } from '../../src/live/broadcast.ts'
import { createLiveHub, type DropReason, type LiveHub } from '../../src/live/live-hub.ts'
import { BEHIND_BYTES, CUT_AFTER_MS, Viewer } from '../../src/live/viewer.ts'
import { createWardView } from '../../src/wards/ward-view.ts'
import { alwaysOk, memoryRegistry, quietAlarms, stayFact, wardOf } from '../support/world.ts'

const T = Date.UTC(2026, 0, 1)

/** A browser whose network the test opens and closes. */
class FakeSocket {
  bufferedAmount = 0
  stuck = false
  ended: string | undefined
  readonly sent: string[] = []
  readonly waves: Uint8Array[] = []
  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.sent.push(data)
    else this.waves.push(data)
    if (this.stuck) this.bufferedAmount += data.length
  }
  terminate(): void {
    this.ended = 'cut'
  }
  close(_code: number, reason: string): void {
    this.ended = reason
  }
  frames(): LiveFrame[] {
    return this.sent.map((text) => JSON.parse(text) as LiveFrame)
  }
  get last(): LiveFrame | undefined {
    return this.frames().at(-1)
  }
}

describe('live screens', () => {
  let clock: ManualClock
  let hub: LiveHub
  let broadcast: Broadcast
  let dropped: DropReason[]
  let open: Set<string>
  const BEDS = 40
  const registry = memoryRegistry()

  beforeEach(() => {
    registry.set(wardOf(BEDS, T - 10_000))
    clock = manualClock(T)
    dropped = []
    open = new Set(['session'])
    const countDrop = (reason: DropReason) => void dropped.push(reason)
    hub = createLiveHub({ registry, clock, countDrop })
    broadcast = new Broadcast({ registry, hub, view: createWardView({ registry, hub, alarms: quietAlarms, clock }), alarms: quietAlarms, health: alwaysOk, clock, countDrop, isOpen: (session) => open.has(session), opened: () => [] })
  })
  afterEach(() => {
    broadcast.stop()
    expect(clock.pending()).toBe(0)
  })

  const look = (wanted: { wards?: string[]; devices?: string[]; waves?: string[] } = { wards: ['w'] }, role: 'nurse' | 'wall' = 'nurse') => {
    const socket = new FakeSocket()
    const viewer = new Viewer(socket, 'session', { wards: null, mayDevices: role !== 'wall', inCharge: false })
    broadcast.add(viewer)
    broadcast.watch(viewer, { wards: [], devices: [], waves: [], ...wanted })
    return { socket, viewer }
  }
  let seq = 0
  const measure = (bed: number, pr: number, t = clock.now()) => hub.receive({ topic: topicOf({ site: 'main', device: `d${bed}` }, 'tele'), payload: Buffer.from(JSON.stringify({ e: 'a', s: ++seq, t, m: { pr } })), retained: false })
  const command = (id: string, deviceId: string, state: CommandRecord['state']) => ({ id, deviceId, state }) as CommandRecord

  it('are greeted, shown the ward whole, and then only what changed, newest value only', () => {
    const { socket } = look()
    expect(socket.frames().map((frame) => frame.type)).toEqual(['hello', 'ward'])
    measure(3, 70)
    measure(3, 71)
    measure(4, 80)
    expect(socket.sent).toHaveLength(2)
    clock.advance(TICK_MS)
    expect(socket.last).toEqual({
      type: 'values',
      serverTimeMs: clock.now(),
      devices: [
        { device: 'd3', status: 'online', intervalMs: 1_000, values: { pr: { v: 71, t: T } } },
        { device: 'd4', status: 'online', intervalMs: 1_000, values: { pr: { v: 80, t: T } } },
      ],
    })
    clock.advance(TICK_MS)
    expect(socket.sent).toHaveLength(3)
  })

  it('of one ward share one text, whoever looks', () => {
    const screens = Array.from({ length: 20 }, () => look().socket)
    measure(1, 70)
    clock.advance(TICK_MS)
    const texts = screens.map((socket) => socket.sent.at(-1))
    expect(new Set(texts).size).toBe(1)
  })

  it('see nothing of what they did not ask for', () => {
    const { socket } = look({ devices: ['d5'] })
    expect(socket.last).toMatchObject({ type: 'values', devices: [{ device: 'd5', status: 'never', values: {} }] })
    const count = socket.sent.length
    measure(6, 70)
    clock.advance(TICK_MS)
    expect(socket.sent).toHaveLength(count)
    measure(5, 71)
    clock.advance(TICK_MS)
    expect(socket.last).toMatchObject({ devices: [{ device: 'd5', values: { pr: { v: 71 } } }] })
  })

  it('hear something every two seconds, and the answer to a ping', () => {
    const { socket, viewer } = look({})
    clock.advance(2_000)
    expect(socket.last).toEqual({ type: 'heartbeat', durable: 'ok', serverTimeMs: clock.now() })
    broadcast.pong(viewer, 7)
    expect(socket.last).toMatchObject({ type: 'heartbeat', pong: 7 })
  })

  it('that are slow are sent nothing more, remember what changed and not the values, and get the newest when they caught up', () => {
    const { socket, viewer } = look()
    socket.stuck = true
    socket.bufferedAmount = BEHIND_BYTES + 1
    const before = socket.sent.length
    for (let second = 0; second < 25; second++) {
      for (let bed = 0; bed < BEDS; bed++) measure(bed, 50 + second)
      clock.advance(1_000)
    }
    expect(socket.sent).toHaveLength(before)
    expect(viewer.missedValues.size).toBe(BEDS)
    expect(dropped.filter((reason) => reason === 'viewer_slow').length).toBeGreaterThan(BEDS)
    socket.bufferedAmount = 0
    clock.advance(TICK_MS)
    const frame = socket.frames().findLast((f) => f.type === 'values')
    expect(frame?.devices).toHaveLength(BEDS)
    expect(new Set(frame?.devices.map((d) => d.values?.['pr']?.v))).toEqual(new Set([74]))
    expect(viewer.missedSomething()).toBe(false)
  })

  it('that stay slow for half a minute are cut, and counted', () => {
    const { socket } = look()
    socket.bufferedAmount = BEHIND_BYTES + 1
    clock.advance(CUT_AFTER_MS + 2 * LIVE_HEARTBEAT_MS)
    expect(socket.ended).toBe('cut')
    expect(dropped).toContain('viewer_cut')
    expect(broadcast.viewers).toBe(0)
  })

  it('that were slow learn of moved patients, and of commands by their newest state', () => {
    const { socket } = look()
    socket.bufferedAmount = BEHIND_BYTES + 1
    const world = wardOf(BEDS, T - 10_000)
    registry.set({ ...world, stays: world.stays.filter((stay) => stay.bedId !== 'b3') })
    for (const state of ['queued', 'sent', 'done'] as const) broadcast.command(command('c1', 'd4', state))
    socket.bufferedAmount = 0
    clock.advance(TICK_MS)
    expect(socket.frames().filter((f) => f.type === 'command').map((f) => f.command.state)).toEqual(['done'])
    expect(socket.frames().findLast((f) => f.type === 'bed')?.bed).toEqual({ id: 'b3', label: '3', latest: {}, freshness: {} })
  })

  it('never show the patient before: a new stay begins with nothing', () => {
    measure(2, 70, T - 5_000)
    const { socket } = look()
    const bed = () => socket.frames().findLast((f) => f.type === 'bed')?.bed
    clock.advance(1_000)
    const world = wardOf(BEDS, T - 10_000)
    registry.set({ ...world, stays: [...world.stays.filter((stay) => stay.bedId !== 'b2'), stayFact('new', 'b2', 'd2', clock.now())] })
    clock.advance(TICK_MS)
    expect(bed()).toMatchObject({ stay: { id: 'new' }, device: { id: 'd2' }, latest: {} })
    measure(2, 71, T - 2_000)
    clock.advance(TICK_MS)
    expect(socket.frames().findLast((f) => f.type === 'values')?.devices.find((d) => d.device === 'd2')?.values).toEqual({})
    measure(2, 72)
    clock.advance(TICK_MS)
    expect(socket.last).toMatchObject({ devices: [{ device: 'd2', values: { pr: { v: 72 } } }] })
  })

  it('label a device as demo as soon as it says so itself', () => {
    const { socket } = look()
    hub.receive({ topic: topicOf({ site: 'main', device: 'd2' }, 'state'), payload: Buffer.from('{"st":"online","e":"a","mode":"demo"}'), retained: false })
    clock.advance(TICK_MS)
    expect(socket.frames().findLast((f) => f.type === 'bed')?.bed.device).toMatchObject({ id: 'd2', mode: 'demo' })
  })

  it('get waveforms only where asked, and none while they are slow', () => {
    const { socket } = look({ waves: ['d1'] })
    const frame = encodeWaveFrame({ seq: 1, t0Us: T * 1_000, hz: 25, scale: 1, offset: 0, samples: Int16Array.of(1, 2, 3) })
    const beat = (device: string) => hub.receive({ topic: topicOf({ site: 'main', device }, 'wave/pleth_ir'), payload: frame, retained: false })
    beat('d1')
    beat('d2')
    expect(socket.waves.map((bytes) => unpackLiveWave(bytes))).toEqual([{ device: 'd1', channel: 'pleth_ir', frame }])
    socket.bufferedAmount = BEHIND_BYTES
    beat('d1')
    expect(socket.waves).toHaveLength(1)
    expect(dropped).toEqual(['viewer_slow'])
  })

  it('end with their session', () => {
    const { socket } = look()
    open.clear()
    clock.advance(2_000)
    expect(socket.ended).toBe('session over')
    const second = look().socket
    broadcast.closeCaller('session')
    expect(second.ended).toBe('signed out')
  })

  it('on a wall are not told who sent which command', () => {
    const { socket } = look({ wards: ['w'] }, 'wall')
    broadcast.command(command('c1', 'd1', 'queued'))
    expect(socket.frames().map((f) => f.type)).not.toContain('command')
  })
})
