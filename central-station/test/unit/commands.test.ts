import { beforeEach, describe, expect, it } from 'vitest'
import { AppError, type CommandRecord, topicOf } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import type { CommandFact, CommandStep } from '../../src/commands/command.ts'
import { Commands, GRACE_MS } from '../../src/commands/commands.ts'
import type { BrokerLink } from '../../src/live/broker-link.ts'
import { createLiveHub, type DropReason, type LiveHub } from '../../src/live/live-hub.ts'
import type { StayFact, World } from '../../src/registry/world.ts'
import { deviceFact, memoryRegistry, stayFact } from '../support/world.ts'

const by = { accountId: null, username: 'li' }
const caps = { commands: [{ name: 'identify', risk: 'low' as const }] }

/** Lets promises that are ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('following a command by the clock', () => {
  let clock: ManualClock
  let hub: LiveHub
  let commands: Commands
  let told: CommandRecord[]
  let steps: CommandStep[]
  let published: { topic: string; body: Record<string, unknown> }[]
  let dropped: DropReason[]
  let stored: CommandFact[]
  let diskFull: boolean
  let broker: 'up' | 'down' | 'deaf'
  let connected: (() => void)[]
  let registry: ReturnType<typeof memoryRegistry>
  const world = (...stays: StayFact[]): World => ({ wards: [], stays, devices: [deviceFact('d'), deviceFact('other', { no: 2 })] })

  beforeEach(() => {
    ;[told, steps, published, dropped, stored, connected] = [[], [], [], [], [], []]
    broker = 'up'
    diskFull = false
    clock = manualClock()
    registry = memoryRegistry(world())
    const countDrop = (reason: DropReason) => void dropped.push(reason)
    hub = createLiveHub({ registry, clock, countDrop })
    const link: BrokerLink = {
      connected: () => broker !== 'down',
      async publish(topic, payload) {
        if (broker === 'deaf') throw new AppError('BROKER_AWAY', 'no answer')
        published.push({ topic, body: JSON.parse(payload) as Record<string, unknown> })
      },
      onConnect: (listener) => {
        connected.push(listener)
        return () => undefined
      },
      stop: async () => undefined,
    }
    commands = new Commands({
      store: {
        add: async (fact) => void stored.push(fact),
        open: async () => stored,
        list: async () => stored,
        find: async (id) => stored.find((fact) => fact.id === id),
      },
      journal: {
        async append(records) {
          if (diskFull) throw new Error('ENOSPC')
          steps.push(...records)
        },
        drain: async () => undefined, depth: () => 0, rejected: () => 0, stop: async () => undefined },
      registry,
      hub,
      link,
      clock,
      log: silentLog,
      countDrop,
      onChange: (command) => told.push(command),
    })
  })
  const hear = (channel: 'state' | 'tele' | 'command/reply', body: object, device = 'd') => hub.receive({ topic: topicOf({ site: 'main', device }, channel), payload: Buffer.from(JSON.stringify(body)), retained: false })
  const online = () => hear('state', { st: 'online', e: 'a', caps })
  const states = () => told.map((command) => command.state)
  const ask = async (expiresInMs = 60_000) => {
    const { id } = await commands.ask('d', { do: 'identify', expiresInMs }, by)
    await settle()
    return id
  }

  it('does not call a command expired that may have been sent: the broker gave no answer', async () => {
    online()
    broker = 'deaf'
    const id = await ask(1_000)
    await expect(commands.cancel('d', id)).rejects.toMatchObject({ code: 'COMMAND_UNDER_WAY' })
    clock.advance(1_000 + GRACE_MS)
    await settle()
    expect(states()).toEqual(['queued', 'unknown'])
  })

  it('asked for one patient is never sent to a device that watches another one meanwhile', async () => {
    registry.set(world(stayFact('s1', 'b1', 'd')))
    online()
    broker = 'down'
    const id = await ask()
    registry.set(world(stayFact('s2', 'b2', 'd')))
    broker = 'up'
    connected.forEach((tell) => tell())
    await settle()
    expect(published).toEqual([])
    expect(await commands.one('d', id)).toMatchObject({ state: 'cancelled', why: expect.stringContaining('another patient') })
  })

  it('one that may have reached the device of then is not sent again at the bed of another patient, and nobody claims to know', async () => {
    registry.set(world(stayFact('s1', 'b1', 'd')))
    online()
    const id = await ask()
    registry.set(world(stayFact('s2', 'b2', 'd')))
    online()
    await settle()
    expect(published).toHaveLength(1)
    clock.advance(60_000 + GRACE_MS)
    expect(await commands.one('d', id)).toMatchObject({ state: 'unknown' })
  })

  it('goes where its patient went: another bed is no other patient, nor is a device without one', async () => {
    registry.set(world(stayFact('s1', 'b1', 'd')))
    online()
    broker = 'down'
    await ask()
    registry.set(world(stayFact('s1', 'b9', 'd')))
    broker = 'up'
    connected.forEach((tell) => tell())
    await settle()
    expect(published).toHaveLength(1)
  })

  it('says that nobody knows, when a sent command is never answered', async () => {
    online()
    await ask()
    clock.advance(60_000 + GRACE_MS - 1_000)
    expect(states()).toEqual(['queued', 'sent'])
    clock.advance(1_000)
    await settle()
    expect(states()).toEqual(['queued', 'sent', 'unknown'])
  })

  it('gives a running command its grace anew with every sign of life', async () => {
    online()
    const id = await ask(5_000)
    for (const pct of [10, 50, 90]) {
      hear('command/reply', { id, st: 'running', pct })
      await settle()
      clock.advance(12_000)
    }
    expect(told.at(-1)).toMatchObject({ state: 'running', progress: 90 })
    clock.advance(GRACE_MS)
    await settle()
    expect(told.at(-1)).toMatchObject({ state: 'unknown', progress: 90 })
    hear('command/reply', { id, st: 'done' })
    await settle()
    expect(told.at(-1)?.state).toBe('done')
    // The first is the note of the attempt to send it.
    expect(steps.map((step) => step.n)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(told.at(-1)?.steps.map((step) => step.state)).toEqual(['queued', 'sent', 'running', 'running', 'running', 'unknown', 'done'])
  })

  it('writes the same news once, however often it is repeated', async () => {
    online()
    const id = await ask()
    for (let i = 0; i < 3; i++) hear('command/reply', { id, st: 'running', pct: 40 })
    await settle()
    expect(states()).toEqual(['queued', 'sent', 'running'])
  })

  it('a board that tells every thousandth of its progress fills neither disk nor screens, and cannot run for ever by it', async () => {
    online()
    const id = await ask(5_000)
    hear('command/reply', { id, st: 'running', pct: 0 })
    for (let i = 1; i <= 500; i++) {
      clock.advance(10)
      hear('command/reply', { id, st: 'running', pct: (i % 100) + 0.5 })
      await settle()
    }
    expect(steps.length).toBeLessThan(12)
    for (let i = 0; i < 1_200; i++) {
      clock.advance(1_000)
      hear('command/reply', { id, st: 'running', pct: i % 100 })
      await settle()
    }
    expect(states()).toContain('unknown')
  })

  it('believes no other device, and no reply to a command nobody sent', async () => {
    online()
    const id = await ask()
    hear('command/reply', { id, st: 'done' }, 'other')
    hear('command/reply', { id: '00000000-0000-7000-8000-000000000000', st: 'done' })
    hear('command/reply', { id, st: 'perhaps' })
    await settle()
    expect(states()).toEqual(['queued', 'sent'])
    expect(dropped).toEqual(['schema'])
  })

  it('sends when the broker is back, once, and not when its time is over', async () => {
    broker = 'down'
    online()
    await ask()
    await ask(2_000)
    expect(published).toEqual([])
    clock.advance(3_000)
    broker = 'up'
    online()
    for (const listener of connected) listener()
    await settle()
    expect(published).toHaveLength(1)
    expect(states().toSorted()).toEqual(['expired', 'queued', 'queued', 'sent'])
  })

  it('stays queued while the broker does not take it', async () => {
    broker = 'deaf'
    online()
    await ask()
    expect(states()).toEqual(['queued'])
    broker = 'up'
    online()
    await settle()
    expect(states()).toEqual(['queued', 'sent'])
  })

  const OLD = '01a1fc58-738d-7aae-a545-f78dafad7e32'
  /** A command of an earlier run, which had tried so often to send it. */
  const resumed = async (tries: number) => {
    storeOld(tries)
    await commands.resume()
  }
  const storeOld = (tries: number) => {
    const step = { atMs: clock.now(), state: 'queued' }
    stored.push({ id: OLD, deviceId: 'd', stayId: null, name: 'identify', args: {}, reason: '', askedBy: 'li', retryOf: null, createdAtMs: clock.now(), expiresAtMs: clock.now() + 5_000, state: 'queued', updatedAtMs: clock.now(), progress: null, data: null, why: null, steps: Array.from({ length: 1 + tries }, () => step) })
  }

  it('a command that waited for its device over a restart can be taken back', async () => {
    await resumed(0)
    expect((await commands.cancel('d', OLD)).state).toBe('cancelled')
  })

  it('one that another central station tried to send cannot be taken back here', async () => {
    storeOld(1)
    await expect(commands.cancel('d', OLD)).rejects.toMatchObject({ code: 'COMMAND_UNDER_WAY' })
  })

  it('one that another central station has sent meanwhile is not called expired here', async () => {
    await resumed(0)
    const [old] = stored as [CommandFact]
    stored[0] = { ...old, state: 'sent', steps: [...old.steps, { atMs: clock.now(), state: 'queued' }, { atMs: clock.now(), state: 'sent' }] }
    clock.advance(6_000)
    await settle()
    expect(states()).toEqual(['sent'])
    clock.advance(GRACE_MS)
    await settle()
    expect(states()).toEqual(['sent', 'unknown'])
  })

  it('a command that waited for its device over a restart was never sent when its time is over', async () => {
    await resumed(0)
    clock.advance(6_000)
    await settle()
    expect(states()).toEqual(['expired'])
  })

  it('nobody knows what became of a command an earlier run tried to send', async () => {
    await resumed(1)
    await expect(commands.cancel('d', OLD)).rejects.toMatchObject({ code: 'COMMAND_UNDER_WAY' })
    clock.advance(5_000 + GRACE_MS)
    await settle()
    expect(states()).toEqual(['unknown'])
  })

  it('is not sent when the attempt cannot be noted on the disk, and is tried again', async () => {
    online()
    diskFull = true
    await ask()
    expect(published).toEqual([])
    diskFull = false
    online()
    await settle()
    expect(published).toHaveLength(1)
    expect(states()).toEqual(['queued', 'sent'])
  })

  it('takes up open commands after a restart', async () => {
    online()
    await resumed(0)
    await settle()
    expect(published).toMatchObject([{ topic: 'vitals/1/main/d/command', body: { do: 'identify', args: {} } }])
  })

  it('forgets settled commands after a while, and leaves no timer behind', async () => {
    online()
    const id = await ask()
    hear('command/reply', { id, st: 'done' })
    await settle()
    clock.advance(11 * 60_000)
    expect((await commands.list('d', null)).commands[0]?.state).toBe('queued')
    commands.stop()
    expect(clock.pending()).toBe(0)
  })
})
