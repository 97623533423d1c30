import { PacketType, type Qos } from './packets.ts'

const RETAIN = 0x01
const DUP = 0x08
const ACK_BYTES = 4
const PUBREL_FLAGS = 2

/** What goes out as PUBLISH. */
export interface Outgoing {
  readonly topic: string
  readonly payload: Uint8Array
}

/** A PUBLISH (section 3.3); the identifier only where the QoS is above 0. */
export function encodePublish({ topic, payload }: Outgoing, { qos, retain, dup, id }: { qos: Qos; retain: boolean; dup: boolean; id: number }): Buffer {
  const topicBytes = Buffer.byteLength(topic)
  const rest = 2 + topicBytes + (qos > 0 ? 2 : 0) + payload.length
  const bytes = Buffer.allocUnsafe(1 + lengthBytes(rest) + rest)
  bytes[0] = (PacketType.publish << 4) | (dup ? DUP : 0) | (qos << 1) | (retain ? RETAIN : 0)
  let at = writeLength(bytes, 1, rest)
  at = bytes.writeUInt16BE(topicBytes, at)
  // Topics are ASCII as a rule, which is written several times faster when it is said.
  at += topicBytes === topic.length ? bytes.write(topic, at, 'latin1') : bytes.write(topic, at)
  if (qos > 0) at = bytes.writeUInt16BE(id, at)
  bytes.set(payload, at)
  return bytes
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK: four bytes. */
export function encodeAck(cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp' | 'unsuback', id: number): Buffer {
  const bytes = Buffer.allocUnsafe(ACK_BYTES)
  bytes[0] = (PacketType[cmd] << 4) | (cmd === 'pubrel' ? PUBREL_FLAGS : 0)
  bytes[1] = 2
  bytes[2] = id >> 8
  bytes[3] = id & 0xff
  return bytes
}

export function encodeSuback(id: number, granted: readonly number[]): Buffer {
  const rest = 2 + granted.length
  const bytes = Buffer.allocUnsafe(1 + lengthBytes(rest) + rest)
  bytes[0] = PacketType.suback << 4
  const at = bytes.writeUInt16BE(id, writeLength(bytes, 1, rest))
  bytes.set(granted, at)
  return bytes
}

/** CONNACK (section 3.2): 0 lets the client in, whose session is still there or is not. */
export function encodeConnack(returnCode: number, isPresent = false): Buffer {
  return Buffer.from([PacketType.connack << 4, 2, isPresent ? 1 : 0, returnCode])
}
export const CONNACK = encodeConnack(0)
export const CONNACK_PRESENT = encodeConnack(0, true)

export const PINGRESP = Buffer.from([PacketType.pingresp << 4, 0])

function lengthBytes(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4
}

function writeLength(bytes: Buffer, at: number, length: number): number {
  let left = length
  while (left > 127) {
    bytes[at++] = (left & 0x7f) | 0x80
    left >>= 7
  }
  bytes[at++] = left
  return at
}
