import fc from 'fast-check'
import { generate, type IPublishPacket, type Packet, parser as createParser } from 'mqtt-packet'
import { expect, it } from 'vitest'
import { NotMqtt, PacketCutter } from '../src/sources/packet-cutter.ts'

const MOST_BYTES = 100_000

function read(pieces: readonly Buffer[]): Packet[] {
  const packets: Packet[] = []
  const cutter = new PacketCutter({
    mostBytes: MOST_BYTES,
    onPublish: (packet) => void packets.push({ ...packet, payload: Buffer.from(packet.payload) }),
    onOther(bytes) {
      const parser = createParser({ protocolVersion: 4 })
      parser.on('packet', (packet) => void packets.push(packet))
      parser.parse(bytes)
    },
  })
  for (const piece of pieces) cutter.push(piece)
  return packets
}

const publish = fc.record({
  cmd: fc.constant('publish' as const),
  topic: fc.stringMatching(/^[a-zé/]{1,20}$/),
  payload: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  dup: fc.constant(false),
  retain: fc.boolean(),
  messageId: fc.integer({ min: 1, max: 65_535 }),
})
const packet: fc.Arbitrary<Packet> = fc.oneof(publish, fc.record({ cmd: fc.constant('puback' as const), messageId: fc.integer({ min: 1, max: 65_535 }) }), fc.constant({ cmd: 'pingresp' as const }))

it('reads what a broker sends, however the network cuts it', () => {
  fc.assert(
    fc.property(fc.array(packet, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(), { maxLength: 8 }), (sent, at) => {
      const bytes = Buffer.concat(sent.map((one) => generate(one)))
      const places = [0, ...at.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
      const pieces = places.slice(1).map((end, i) => Buffer.from(bytes.subarray(places[i], end))).filter((piece) => piece.length > 0)
      const heard = read(pieces)
      expect(heard).toHaveLength(sent.length)
      for (const [i, one] of sent.entries()) {
        const { messageId, ...rest } = one as IPublishPacket
        expect(heard[i]).toMatchObject(one.cmd === 'publish' && one.qos === 0 ? rest : { ...rest, ...(messageId !== undefined && { messageId }) })
      }
    }),
  )
})

it.each([
  ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 1]],
  ['a packet larger than any telemetry', [0x30, 0xff, 0xff, 0xff, 0x7f]],
  ['a PUBLISH that ends in its topic', [0x30, 3, 0, 9, 0x61]],
  ['a PUBLISH of nothing', [0x30, 0]],
])('refuses %s', (_what, bytes) => {
  expect(() => read([Buffer.from(bytes)])).toThrow(NotMqtt)
})

it('passes on what its listener throws as it is, so that a fault of ours is not taken for the broker\'s', () => {
  const ours = new RangeError('value out of range')
  const cutter = new PacketCutter({
    mostBytes: MOST_BYTES,
    onPublish() {
      throw ours
    },
    onOther: () => undefined,
  })
  expect(() => cutter.push(generate({ cmd: 'publish', topic: 'a', payload: '', qos: 0, dup: false, retain: false }))).toThrow(ours)
  expect(ours).not.toBeInstanceOf(NotMqtt)
})
