import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { connectPacket, identifierOf, filtersTaken, PacketType, pubackPacket, publishPacket, readPublish, type ReceivedPacket, returnCode, subscribePacket } from '../../src/link/mqtt-packets.ts'
import { createPacketReader } from '../../src/link/mqtt-reader.ts'

/** What a reader makes of bytes that come in these pieces. */
function readInPieces(bytes: Buffer, cuts: readonly number[], keepBytes = 1_000_000): ReceivedPacket[] {
  const packets: ReceivedPacket[] = []
  const read = createPacketReader(keepBytes, (packet) => packets.push({ ...packet, body: Buffer.from(packet.body) }))
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  ends.forEach((end, i) => expect(read(bytes.subarray(ends[i - 1] ?? 0, end))).toBe(true))
  return packets
}
const pieces = fc.array(fc.nat(), { maxLength: 8 })

describe('packets of MQTT 3.1.1', () => {
  it('are those of the standard, byte by byte', () => {
    expect(connectPacket({ clientId: 'b', username: 'u', password: 'p', keepaliveS: 10, will: { topic: 't', payload: 'w' } }).toString('hex')).toBe('101900044d51545404ee000a000162000174000177000175000170')
    expect(connectPacket({ clientId: 'b', username: 'u', password: 'p', keepaliveS: 10 })[9]).toBe(0xc2)
    expect(subscribePacket(1, { a: { qos: 1 }, b: { qos: 0 } }).toString('hex')).toBe('820a00010001610100016200')
    expect(publishPacket({ topic: 't', payload: Buffer.from('x'), retain: true, id: 0x0102 }).toString('hex')).toBe('3306000174010278')
    expect(publishPacket({ topic: 't', payload: Buffer.from('x'), retain: false, id: undefined }).toString('hex')).toBe('300400017478')
    expect(pubackPacket(0xfffe).toString('hex')).toBe('4002fffe')
  })

  it('are read the same in whatever pieces the network brings them', () => {
    const message = fc.record({ topic: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), payload: fc.uint8Array({ maxLength: 300 }), retain: fc.boolean(), id: fc.option(fc.integer({ min: 1, max: 0xffff }), { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), pieces, (messages, cuts) => {
        const read = readInPieces(Buffer.concat(messages.map(publishPacket)), cuts).map(readPublish)
        expect(read).toEqual(messages.map(({ topic, payload, id }) => ({ topic, id, payload: Buffer.from(payload) })))
      }),
      { seed: 7, numRuns: 200 },
    )
  })

  it('too long to be kept cost no memory and nothing that follows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), pieces, (length, cuts) => {
        const long = publishPacket({ topic: 'long', payload: new Uint8Array(length), retain: false, id: 9 })
        const [first, second] = readInPieces(Buffer.concat([long, pubackPacket(3)]), cuts, 100)
        expect(first?.body.length).toBeLessThanOrEqual(100)
        expect(readPublish(first as ReceivedPacket)).toMatchObject({ topic: 'long', id: 9, payload: length > 92 ? undefined : Buffer.alloc(length) })
        expect(identifierOf(second as ReceivedPacket)).toBe(3)
      }),
      { seed: 8, numRuns: 200 },
    )
  })

  it('are no packets when the length does not end, or the head does not fit', () => {
    expect(createPacketReader(100, () => {})(Buffer.from('30ffffffffff', 'hex'))).toBe(false)
    const packet = (hex: string): ReceivedPacket => ({ type: PacketType.PUBLISH, flags: 2, body: Buffer.from(hex, 'hex'), length: hex.length / 2 })
    expect(readPublish(packet(''))).toBeUndefined()
    expect(readPublish(packet('00096162'))).toBeUndefined()
    expect(readPublish(packet('00016100'))).toBeUndefined()
  })

  it('say whether the device was let in and may hear everything', () => {
    const answer = (hex: string): ReceivedPacket => ({ type: 0, flags: 0, body: Buffer.from(hex, 'hex'), length: 2 })
    expect(returnCode(answer('0005'))).toBe(5)
    expect(returnCode(answer(''))).not.toBe(0)
    expect(filtersTaken(answer('00010100'))).toEqual([true, true])
    expect(filtersTaken(answer('00010180'))).toEqual([true, false])
    expect(filtersTaken(answer('0001'))).toEqual([])
  })
})
