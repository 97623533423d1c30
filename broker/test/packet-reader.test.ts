import fc from 'fast-check'
import { generate, parser as createParser, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { encodeAck, encodePublish, encodeSuback } from '../src/protocol/encode.ts'
import { PacketReader } from '../src/protocol/packet-reader.ts'
import type { PacketIn } from '../src/protocol/packets.ts'

const MOST_BYTES = 256 * 1024

function read(pieces: readonly Buffer[]): { packets: PacketIn[]; faults: string[] } {
  const [packets, faults]: [PacketIn[], string[]] = [[], []]
  const reader = new PacketReader({
    mostBytes: () => MOST_BYTES,
    onPacket: (packet) => void packets.push(packet.cmd === 'publish' ? { ...packet, payload: Buffer.from(packet.payload) } : packet),
    onFault: ({ reason }) => void faults.push(reason),
  })
  for (const piece of pieces) reader.push(piece)
  return { packets, faults }
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, i) => Buffer.from(bytes.subarray(places[i], end))).filter((piece) => piece.length > 0)
}

const id = fc.integer({ min: 1, max: 65_535 })
const name = fc.stringMatching(/^[a-zäß/0-9]{1,20}$/)
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({ cmd: fc.constant('publish' as const), topic: name, payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), qos, dup: fc.constant(false), retain: fc.boolean(), messageId: id }),
  fc.record({ cmd: fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const), messageId: id }),
  fc.record({ cmd: fc.constant('subscribe' as const), messageId: id, subscriptions: fc.array(fc.record({ topic: name, qos }), { minLength: 1, maxLength: 3 }) }),
  fc.record({ cmd: fc.constant('unsubscribe' as const), messageId: id, unsubscriptions: fc.array(name, { minLength: 1, maxLength: 3 }) }),
  fc.constant({ cmd: 'pingreq' as const }),
)

describe('the packet reader', () => {
  it('reads what another implementation writes, however the network cuts it', () => {
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(), { maxLength: 8 }), (sent, places) => {
        const { packets, faults } = read(cut(Buffer.concat(sent.map((one) => generate(one))), places))
        expect(faults).toEqual([])
        expect(packets).toHaveLength(sent.length)
        for (const [i, one] of sent.entries()) {
          const { messageId, ...rest } = one
          expect(packets[i]).toMatchObject(one.cmd === 'publish' && one.qos === 0 ? rest : { ...rest, ...(messageId !== undefined && { messageId }) })
        }
      }),
    )
  })

  it('reads a CONNECT with everything in it', () => {
    const connect: Packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: false, clientId: 'b', keepalive: 7, username: 'u', password: Buffer.from('p'), will: { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: true } }
    expect(read([generate(connect)]).packets).toMatchObject([connect])
  })

  it('never throws and never goes on after a fault, whatever comes (20,000 seeded streams)', () => {
    const junk = fc.oneof(fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)), packet.map((one) => generate(one)))
    const damaged = fc.tuple(fc.array(junk, { maxLength: 5 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })).map(([parts, damages]) => {
      const bytes = Buffer.concat(parts)
      for (const [place, value] of damages) if (bytes.length > 0) bytes[place % bytes.length] = value
      return bytes
    })
    fc.assert(
      fc.property(damaged, fc.array(fc.nat(), { maxLength: 4 }), (bytes, places) => {
        const whole = read([bytes])
        // How the network cuts it changes nothing: the same packets, and the same first fault at most.
        expect(read(cut(bytes, places))).toEqual(whole)
        expect(whole.faults.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 20_000, seed: 20_000 },
    )
  }, 120_000)

  it('holds no more than was announced, sent byte by byte', () => {
    const bytes = generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(5_000, 1), qos: 0, dup: false, retain: false })
    expect(read([...bytes].map((byte) => Buffer.from([byte]))).packets).toHaveLength(1)
  })

  it.each([
    ['[MQTT-2.2.2-2] flags that are reserved', [0xc1, 0], 'malformed'],
    ['[MQTT-3.3.1-4] QoS 3', [0x36, 5, 0, 1, 0x61, 0, 1], 'malformed'],
    ['[MQTT-3.3.1-2] DUP at QoS 0', [0x38, 3, 0, 1, 0x61], 'malformed'],
    ['[MQTT-2.3.1-1] a packet identifier of 0', [0x32, 5, 0, 1, 0x61, 0, 0], 'malformed'],
    ['[MQTT-3.8.3-3] SUBSCRIBE for nothing', [0x82, 2, 0, 1], 'malformed'],
    ['[MQTT-3.8.3-4] SUBSCRIBE at QoS 3', [0x82, 6, 0, 1, 0, 1, 0x61, 3], 'malformed'],
    ['[MQTT-3.10.3-2] UNSUBSCRIBE from nothing', [0xa2, 2, 0, 1], 'malformed'],
    ['[MQTT-1.5.3-1] a half surrogate pair', [0x30, 5, 0, 3, 0xed, 0xa0, 0x80], 'text'],
    ['[MQTT-1.5.3-2] NUL in a topic', [0x30, 4, 0, 2, 0x61, 0], 'text'],
    ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 1], 'malformed'],
    ['a length beyond what is allowed', [0x30, 0xff, 0xff, 0xff, 0x7f], 'packet_size'],
    ['[MQTT-3.1.2-3] the reserved flag of CONNECT', [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 3, 0, 60, 0, 1, 0x61], 'malformed'],
    ['[MQTT-3.1.2-22] a password without a user name', [0x10, 16, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x42, 0, 60, 0, 1, 0x61, 0, 1, 0x62], 'malformed'],
    ['a packet only a server sends', [0x20, 2, 0, 0], 'protocol_order'],
  ])('refuses %s', (_what, bytes, reason) => {
    expect(read([Buffer.from(bytes)])).toEqual({ packets: [], faults: [reason] })
  })
})

describe('what goes out', () => {
  it('is what another implementation reads', () => {
    fc.assert(
      fc.property(name, fc.uint8Array({ maxLength: 20_000 }), qos, fc.boolean(), id, (topic, payload, level, retain, messageId) => {
        const seen: Packet[] = []
        const parser = createParser({ protocolVersion: 4 })
        parser.on('packet', (one) => void seen.push(one))
        parser.parse(Buffer.concat([encodePublish({ topic, payload }, { qos: level, retain, dup: level > 0, id: messageId }), encodeAck('puback', messageId), encodeAck('pubrel', messageId), encodeSuback(messageId, [0, 128])]))
        expect(seen).toMatchObject([
          { cmd: 'publish', topic, payload: Buffer.from(payload), qos: level, retain, dup: level > 0, ...(level > 0 && { messageId }) },
          { cmd: 'puback', messageId },
          { cmd: 'pubrel', messageId },
          { cmd: 'suback', messageId, granted: [0, 128] },
        ])
      }),
    )
  })
})
