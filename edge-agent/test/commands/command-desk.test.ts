import { describe, expect, it } from 'vitest'
import { AppError, checkCommandReply, type CommandReply } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { identifyCommand, measureNowCommand } from '../../src/commands/base-commands.ts'
import { createCommandDesk, type CommandHandler } from '../../src/commands/command-desk.ts'
import { type CommandMemory } from '../../src/commands/command-machine.ts'
import { type DurableDocument, memoryDocument } from '../../src/commands/durable-document.ts'
import { eventually } from '../support/eventually.ts'

const id = (n: number): string => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`

function desk({ document = memoryDocument<CommandMemory>(), handlers }: { document?: DurableDocument<CommandMemory>; handlers?: readonly CommandHandler[] } = {}) {
  const clock = manualClock()
  const light: boolean[] = []
  const replies: CommandReply[] = []
  let broker = true
  const command = createCommandDesk({
    handlers: handlers ?? [identifyCommand({ clock, indicator: { kind: 'LED', set: (on) => light.push(on) } }), measureNowCommand(async () => ({ m: { pr: 72 } }))],
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
  return { clock, command, ask, light, replies, states: () => replies.map(({ st }) => st), brokerGone: () => (broker = false), brokerBack: () => (broker = true) }
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
    ['fly', {}, 'This device has no command fly. It offers: identify, measure_now.'],
    ['identify', { seconds: 0 }, 'seconds must be a whole number from 1 to 60.'],
    ['identify', { seconds: '5' }, 'seconds must be a whole number from 1 to 60.'],
    ['identify', { colour: 'red' }, 'This command knows no argument colour.'],
    ['measure_now', { twice: true }, 'This command knows no argument twice.'],
  ])('to %s with %j is refused in a sentence', (what, args, why) => {
    const { ask, replies, light } = desk()
    ask(1, what, args)
    expect(replies).toEqual([{ id: id(1), st: 'refused', why }])
    expect(light).toEqual([])
  })

  it('something unreadable is refused when it at least has an id', () => {
    const { command, replies } = desk()
    command.unreadable(undefined, 'not JSON')
    command.unreadable(id(3), '/exp must be integer')
    expect(replies).toEqual([{ id: id(3), st: 'refused', why: 'The device cannot read this command: /exp must be integer' }])
  })

  it('hears why it failed', async () => {
    const { ask, replies } = desk({ handlers: [measureNowCommand(() => Promise.reject(new AppError('SENSOR_BUS_FAULT', 'No answer from the sensor')))] })
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
})
