import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Inbox, InboxMessage, Sender } from '../../src/hl7/inbox.ts'
import { createReception, type Hl7Refusal } from '../../src/hl7/reception.ts'
import type { StartedBridge } from '../../src/start-bridge.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { startHl7Bridge } from '../support/hl7-bridge.ts'
import { codeOf, connectMonitor, heartRate } from '../support/monitor.ts'

describe('a message with a zero byte', () => {
  let database: TestDatabase
  let broker: TestBroker
  let bridge: StartedBridge
  beforeAll(async () => {
    database = await freshDatabase()
    broker = await startBroker()
    bridge = await startHl7Bridge(database.url, broker.url)
  })
  afterAll(async () => {
    await bridge?.stop()
    await broker?.close()
    await database?.close()
  })

  it('in a code of its own, or in the name of its sender, is stored and not asked for again and again', async () => {
    const monitor = await connectMonitor(bridge.hl7Port() as number)
    expect(codeOf(await monitor.ask(`${heartRate('1', 70, { sender: 'ZERO' })}OBX|2|NM|A\0B||60|/min|||||F\r`))).toBe('AA')
    expect(codeOf(await monitor.ask(heartRate('2', 71, { sender: 'ZE\0RO' })))).toBe('AA')
    monitor.close()
  })
})

describe('a message the database can never hold', () => {
  const sender: Sender = { no: 1, site: 'main', device: 'hl7-a', ack: 'auto', offsetMinutes: 0, givenFirst: false, charset: 'windows-1252', codes: [], processing: ['P'] }

  it('is refused for good, and those that came with it are stored', async () => {
    const kept: string[] = []
    const refused: Hl7Refusal[] = []
    const idOf = ({ controlId }: InboxMessage) => Buffer.from(controlId).toString()
    const inbox: Inbox = {
      sender: async () => sender,
      async keep(messages) {
        if (messages.map(idOf).includes('bad')) throw Object.assign(new Error('invalid byte sequence'), { code: '22021' })
        kept.push(...messages.map(idOf))
        return messages.map((message) => ({ id: idOf(message), firstSeq: 1, fresh: true, done: true }))
      },
      done: async () => undefined,
      open: async () => [],
    }
    const answer = createReception({ inbox, admit: () => true, aside: () => undefined, now: () => 1_772_362_800_000, onAccepted: () => undefined, onRefused: (why) => refused.push(why), onDuplicate: () => undefined, onFailure: () => undefined })
    const answers = await Promise.all(['first', 'one', 'bad', 'two', 'three'].map((id) => answer(Buffer.from(heartRate(id, 70)))))
    expect(answers.map((bytes) => codeOf(Buffer.from(bytes ?? []).toString('latin1')))).toEqual(['AA', 'AA', 'AR', 'AA', 'AA'])
    expect([kept, refused]).toEqual([['first', 'one', 'two', 'three'], ['not_storable']])
  })
})
