import { describe, expect, it } from 'vitest'
import { parser as createParser, type Packet } from 'mqtt-packet'
import { type AwayRoom, ClientSession, type Wire } from '../src/protocol/client-session.ts'
import { Message } from '../src/protocol/message.ts'
import type { Session } from '../src/session.ts'

const everything: AwayRoom = { admit: () => true, returned: () => undefined, release: () => undefined }

/** A wire that keeps what was sent on it, as packets. */
function wireOf(window: number, queue = 100): Wire & { readonly sent: Packet[]; readonly refused: string[] } {
  const sent: Packet[] = []
  const refused: string[] = []
  const parser = createParser({ protocolVersion: 4 })
  parser.on('packet', (packet) => void sent.push(packet))
  return { owner: {} as Session, window, queue, sent, refused, send: (bytes) => void parser.parse(bytes), refuse: (reason) => void refused.push(reason) }
}

const message = (text: string) => new Message('t', Buffer.from(text), 2)
const said = (sent: readonly Packet[]) => sent.map((packet) => (packet.cmd === 'publish' ? `${packet.messageId ?? '-'}${packet.dup ? ' dup' : ''} ${packet.payload.toString()}` : `${packet.cmd} ${packet.messageId}`))

describe('a session', () => {
  it('[MQTT-2.3.1-2] numbers what goes out from 1, and keeps to its window', () => {
    const [session, wire] = [new ClientSession('c', false, everything), wireOf(2)]
    session.attach(wire)
    for (const text of ['a', 'b', 'c', 'd']) session.deliver(message(text), 1, 0)
    expect(said(wire.sent)).toEqual(['1 a', '2 b'])
    expect(session.acknowledged('puback', 2)).toBe(true)
    expect(session.acknowledged('puback', 1)).toBe(true)
    expect(said(wire.sent)).toEqual(['1 a', '2 b', '3 c', '4 d'])
  })

  it('[MQTT-4.3.3-1] brings a message at QoS 2 in four steps', () => {
    const [session, wire] = [new ClientSession('c', false, everything), wireOf(1)]
    session.attach(wire)
    session.deliver(message('a'), 2, 0)
    session.deliver(message('b'), 2, 0)
    session.acknowledged('pubrec', 1)
    expect(said(wire.sent)).toEqual(['1 a', 'pubrel 1'])
    session.acknowledged('pubcomp', 1)
    expect(said(wire.sent)).toEqual(['1 a', 'pubrel 1', '2 b'])
  })

  it.each([
    ['PUBCOMP for a message at QoS 1', 1 as const, 'pubcomp' as const],
    ['PUBREC for a message at QoS 1', 1 as const, 'pubrec' as const],
    ['PUBACK for a message at QoS 2', 2 as const, 'puback' as const],
    ['PUBCOMP before PUBREC', 2 as const, 'pubcomp' as const],
  ])('does not take %s', (_what, qos, cmd) => {
    const session = new ClientSession('c', false, everything)
    session.attach(wireOf(1))
    session.deliver(message('a'), qos, 0)
    expect(session.acknowledged(cmd, 1)).toBe(false)
  })

  it('[MQTT-4.4.0-1] [MQTT-4.6.0-1] sends again, in order and marked, what was not acknowledged on an earlier connection', () => {
    const session = new ClientSession('c', true, everything)
    session.attach(wireOf(10))
    for (const text of ['a', 'b', 'c']) session.deliver(message(text), 2, 0)
    session.acknowledged('pubrec', 2)
    session.detach()
    session.deliver(message('d'), 1, 0)
    const wire = wireOf(10)
    session.attach(wire)
    expect(said(wire.sent)).toEqual(['1 dup a', 'pubrel 2', '3 dup c', '4 d'])
  })

  it('cuts a client that acknowledges nothing, once its queue is full', () => {
    const [session, wire] = [new ClientSession('c', false, everything), wireOf(1, 1)]
    session.attach(wire)
    for (const text of ['a', 'b', 'c']) session.deliver(message(text), 1, 0)
    expect(wire.refused).toEqual(['unacknowledged'])
  })

  it('[MQTT-4.3.3-2] knows a message at QoS 2 again until its PUBREL, and holds a bounded number of them', () => {
    const session = new ClientSession('c', false, everything)
    expect([session.receive(7), session.receive(7)]).toEqual([true, false])
    session.released(7)
    expect(session.receive(7)).toBe(true)
    for (let id = 1_000; id < 1_999; id++) session.receive(id)
    expect(session.receive(1_999)).toBeUndefined()
  })

  it('[MQTT-3.1.2-6] remembers nothing of a clean session that has ended', () => {
    const session = new ClientSession('c', false, { ...everything, admit: () => false })
    session.attach(wireOf(10))
    session.deliver(message('a'), 1, 0)
    session.detach()
    session.deliver(message('b'), 1, 0)
    const wire = wireOf(10)
    session.attach(wire)
    expect(wire.sent).toEqual([])
  })

  it('uses an identifier again only when its message is acknowledged', () => {
    const [session, wire] = [new ClientSession('c', false, everything), wireOf(100_000)]
    session.attach(wire)
    session.deliver(message('long'), 1, 0)
    for (let i = 2; i <= 65_535; i++) {
      session.deliver(message('x'), 1, 0)
      session.acknowledged('puback', i)
    }
    session.deliver(message('next'), 1, 0)
    expect(said(wire.sent).at(-1)).toBe('2 next')
  })
})
