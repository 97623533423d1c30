import { describe, expect, it } from 'vitest'
import { AppError, checkCommandReply, type CommandReply } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { baseCommands, type BoardDeeds, defineCommand } from '../../src/commands/base-commands.ts'
import { createCommandDesk, type CommandHandler } from '../../src/commands/command-desk.ts'
import type { CommandMemory } from '../../src/commands/command-machine.ts'
import { type DurableDocument, memoryDocument } from '../../src/commands/durable-document.ts'
import { eventually } from '../support/eventually.ts'

const id = (n: number): string => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`

const measured = { m: { pr: 72 } }
const measureNow = (run: () => Promise<Record<string, unknown>>): CommandHandler => defineCommand({ name: 'measure_now', risk: 'low', run })

/** Deeds that write down what they were asked. */
function writtenDeeds(done: unknown[][]): BoardDeeds {
  const note = (name: string) => async (...args: unknown[]): Promise<Record<string, unknown>> => {
    done.push([name, ...args])
    return measured
  }
  return { measureNow: note('measureNow'), selfTest: note('selfTest'), setTime: note('setTime'), restart: note('restart'), readLog: note('readLog'), streamWave: note('streamWave'), display: note('display'), calibrate: note('calibrate') }
}

function desk({ document = memoryDocument<CommandMemory>(), handlers }: { document?: DurableDocument<CommandMemory>; handlers?: readonly CommandHandler[] } = {}) {
  const clock = manualClock()
  const light: boolean[] = []
  const done: unknown[][] = []
  const replies: CommandReply[] = []
  let broker = true
  const command = createCommandDesk({
    handlers: handlers ?? baseCommands({ clock, indicator: { kind: 'LED', set: (on) => light.push(on) }, deeds: writtenDeeds(done), waves: ['pleth_ir', 'paw'], calibrated: ['spo2', 'paw'] }),
    document,
    serverNow: () => clock.now(),
    reply: (reply, settled) => {
      if (!broker) return
      replies.push(reply)
      settled()
    },
    log: () => {},
  })
  const ask = (n: number, what: string, args = {}): void => command.receive({ id: id(n), do: what, args, exp: clock.now() + 60_000 })
  return { clock, command, ask, light, done, replies, states: () => replies.map(({ st }) => st), brokerGone: () => (broker = false), brokerBack: () => (broker = true) }
}

describe('asking a board', () => {
  it('to identify itself switches its light on for as long as asked, then answers done', async () => {
    const { ask, light, clock, states, replies } = desk()
    ask(1, 'identify', { seconds: 5 })
    expect([light, states()]).toEqual([[true], ['accepted', 'running']])
    clock.advance(4_999)
    expect(light).toEqual([true])
    clock.advance(1)
    await eventually(() => expect(states()).toEqual(['accepted', 'running', 'done']))
    expect(light).toEqual([true, false])
    expect(replies.at(-1)?.data).toEqual({ by: 'LED', seconds: 5 })
    for (const reply of replies) expect(checkCommandReply(reply)).toMatchObject({ ok: true })
  })

  it('to measure now answers with the values', async () => {
    const { ask, replies } = desk()
    ask(1, 'measure_now')
    await eventually(() => expect(replies.at(-1)).toEqual({ id: id(1), st: 'done', data: { m: { pr: 72 } } }))
  })

  it.each([
    ['fly', {}, 'This device has no command fly. It offers: identify, measure_now, self_test, set_time, restart, send_log, stream_wave, display, calibrate.'],
    ['identify', { seconds: 0 }, 'seconds out of range 1..60.'],
    ['identify', { seconds: '5' }, 'seconds must be a whole number from 1 to 60.'],
    ['identify', { colour: 'red' }, 'This command knows no colour.'],
    ['measure_now', { twice: true }, 'This command knows no twice.'],
    ['stream_wave', { seconds: 5 }, 'This command needs channel.'],
    ['stream_wave', { channel: 'ecg' }, 'channel must be one of pleth_ir, paw.'],
    ['display', { text: 'x'.repeat(33) }, 'text must be at most 32 characters long.'],
    ['send_log', { lines: 101 }, 'lines out of range 1..100.'],
    ['calibrate', { signal: 'pr' }, 'signal must be one of spo2, paw.'],
  ])('to %s with %j is refused in a sentence', (what, args, why) => {
    const { ask, replies, light } = desk()
    ask(1, what, args)
    expect(replies).toEqual([{ id: id(1), st: 'refused', why }])
    expect(light).toEqual([])
  })

  it.each([
    ['self_test', {}, ['selfTest']],
    ['set_time', {}, ['setTime', undefined]],
    ['set_time', { t: 1_772_362_860_000 }, ['setTime', 1_772_362_860_000]],
    ['send_log', {}, ['readLog', 50]],
    ['stream_wave', { channel: 'paw' }, ['streamWave', 'paw', 60]],
    ['display', { text: 'Bed 3' }, ['display', 'Bed 3']],
    ['calibrate', { signal: 'spo2', reference: 97 }, ['calibrate', 'spo2', 97]],
    ['calibrate', { signal: 'paw' }, ['calibrate', 'paw', undefined]],
  ])('to %s with %j does it, with the usual for what is not said', async (what, args, deed) => {
    const { ask, done, states } = desk()
    ask(1, what, args)
    await eventually(() => expect(states()).toEqual(['accepted', 'running', 'done']))
    expect(done).toEqual([deed])
  })

  it('offers the whole base set, with arguments and risk, and nothing that touches an alarm', () => {
    const { command } = desk()
    expect(command.offers.map(({ name, risk }) => `${name} ${risk}`)).toEqual(['identify low', 'measure_now low', 'self_test low', 'set_time low', 'restart high', 'send_log low', 'stream_wave low', 'display low', 'calibrate high'])
    for (const offer of command.offers) expect(offer.args).toMatchObject({ type: 'object', additionalProperties: false })
    expect(JSON.stringify(command.offers)).not.toMatch(/alarm|silence|mute/i)
  })

  it('at the board itself is done at once and remembered by nobody', async () => {
    const document = memoryDocument<CommandMemory>()
    const { command, replies } = desk({ document })
    expect(await command.local('measure_now', {})).toEqual({ ok: true, data: measured })
    expect(await command.local('fly', {})).toMatchObject({ ok: false, why: expect.stringContaining('no command fly') })
    expect([replies, document.load()]).toEqual([[], []])
  })

  it('something unreadable is refused when it at least has an id', () => {
    const { command, replies } = desk()
    command.unreadable(undefined, 'not JSON')
    command.unreadable(id(3), '/exp must be integer')
    expect(replies).toEqual([{ id: id(3), st: 'refused', why: 'The device cannot read this command: /exp must be integer' }])
  })

  it('hears why it failed', async () => {
    const { ask, replies } = desk({ handlers: [measureNow(() => Promise.reject(new AppError('SENSOR_BUS_FAULT', 'No answer from the sensor')))] })
    ask(1, 'measure_now')
    await eventually(() => expect(replies.at(-1)).toEqual({ id: id(1), st: 'failed', why: 'No answer from the sensor' }))
  })
})

describe('an answer the server may not have heard', () => {
  it('is said again after the reconnect, and then no more', async () => {
    const { ask, clock, command, states, brokerGone, brokerBack } = desk()
    ask(1, 'identify', { seconds: 1 })
    brokerGone()
    clock.advance(1_000)
    await Promise.resolve()
    brokerBack()
    await eventually(() => {
      command.online()
      expect(states()).toEqual(['accepted', 'running', 'done'])
    })
    command.online()
    expect(states()).toEqual(['accepted', 'running', 'done'])
  })

  it('is unknown when the board restarted in the middle', () => {
    const document = memoryDocument<CommandMemory>()
    desk({ document }).ask(1, 'identify')
    const after = desk({ document })
    after.command.online()
    expect(after.states()).toEqual(['unknown'])
    after.ask(1, 'identify')
    expect([after.states(), after.light]).toEqual([['unknown', 'unknown'], []])
  })
})

describe('a restart', () => {
  it('is done once the board is there again, not unknown, and does not happen again', () => {
    const document = memoryDocument<CommandMemory>()
    desk({ document }).ask(1, 'restart')
    const after = desk({ document })
    after.command.online()
    after.ask(1, 'restart')
    expect([after.states(), after.done]).toEqual([['done', 'done'], []])
  })
})

describe('a board whose storage is full', () => {
  it('does nothing and says so, because it could not remember having done it', () => {
    const document: DurableDocument<CommandMemory> = {
      load: () => undefined,
      save: (memory) => {
        if (memory.length > 0) throw new AppError('SPOOL_FULL', 'disk full')
      },
    }
    const { ask, replies, light } = desk({ document })
    ask(1, 'identify')
    expect(light).toEqual([])
    expect(replies).toMatchObject([{ st: 'refused', why: expect.stringContaining('could not note the command down') }])
  })

  it('says what became of a command that it began before, and says it again after a reconnect: nobody waits for a deed that is done', async () => {
    let isFull = false
    const document: DurableDocument<CommandMemory> = {
      load: () => undefined,
      save: () => {
        if (isFull) throw new AppError('SPOOL_FULL', 'disk full')
      },
    }
    const { ask, states, clock, command, brokerGone, brokerBack } = desk({ document })
    ask(1, 'identify', { seconds: 5 })
    isFull = true
    clock.advance(5_000)
    await eventually(() => expect(states()).toEqual(['accepted', 'running', 'done']))
    ask(1, 'identify')
    expect(states().at(-1)).toBe('done')
    isFull = false
    ask(2, 'identify', { seconds: 5 })
    isFull = true
    brokerGone()
    clock.advance(5_000)
    brokerBack()
    await eventually(() => {
      command.online()
      expect(states().at(-1)).toBe('done')
    })
  })
})
