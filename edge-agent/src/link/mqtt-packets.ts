/** Packet types of MQTT 3.1.1, table 2.1; only those a device says or hears. */
export const PacketType = { CONNECT: 1, CONNACK: 2, PUBLISH: 3, PUBACK: 4, SUBSCRIBE: 8, SUBACK: 9, PINGREQ: 12, PINGRESP: 13, DISCONNECT: 14 } as const

export interface ConnectPacket {
  readonly clientId: string
  readonly username: string
  readonly password: string
  readonly keepaliveS: number
  readonly will?: { readonly topic: string; readonly payload: string } | undefined
}

export interface PublishPacket {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retain: boolean
  /** At least once with an identifier, at most once without. */
  readonly id: number | undefined
}

export interface ReceivedPacket {
  readonly type: number
  /** The lower four bits of the first byte. */
  readonly flags: number
  readonly body: Buffer
  /** Length the packet had; more than the body when it was too long to be kept. */
  readonly length: number
}

const PROTOCOL_LEVEL = 4
const Flag = { CLEAN_SESSION: 0x02, WILL: 0x04, WILL_QOS_1: 0x08, WILL_RETAIN: 0x20, PASSWORD: 0x40, USER_NAME: 0x80 } as const
/** Reserved bits of SUBSCRIBE, section 3.8.1. */
const SUBSCRIBE_FLAGS = 0x02
const QOS_1 = 0x02
const RETAIN = 0x01
const REFUSED = 0x80

/** CONNECT with a clean session and, when given, a retained last will at QoS 1 (section 3.1). */
export function connectPacket({ clientId, username, password, keepaliveS, will }: ConnectPacket): Buffer {
  const flags = Flag.CLEAN_SESSION | Flag.PASSWORD | Flag.USER_NAME | (will ? Flag.WILL | Flag.WILL_QOS_1 | Flag.WILL_RETAIN : 0)
  const lastWill = will ? [text(will.topic), text(will.payload)] : []
  return packet(PacketType.CONNECT, 0, [text('MQTT'), Buffer.of(PROTOCOL_LEVEL, flags), word(keepaliveS), text(clientId), ...lastWill, text(username), text(password)])
}

export function subscribePacket(id: number, filters: Readonly<Record<string, { readonly qos: 0 | 1 }>>): Buffer {
  return packet(PacketType.SUBSCRIBE, SUBSCRIBE_FLAGS, [word(id), ...Object.entries(filters).flatMap(([filter, { qos }]) => [text(filter), Buffer.of(qos)])])
}

export function publishPacket({ topic, payload, retain, id }: PublishPacket): Buffer {
  const flags = (id === undefined ? 0 : QOS_1) | (retain ? RETAIN : 0)
  return packet(PacketType.PUBLISH, flags, [text(topic), ...(id === undefined ? [] : [word(id)]), payload])
}

export const pubackPacket = (id: number): Buffer => packet(PacketType.PUBACK, 0, [word(id)])
export const pingPacket = (): Buffer => packet(PacketType.PINGREQ, 0, [])
export const disconnectPacket = (): Buffer => packet(PacketType.DISCONNECT, 0, [])

/** A received PUBLISH; nothing when its head does not fit together. A payload that was too long is `undefined`. */
export function readPublish({ flags, body, length }: ReceivedPacket): { readonly topic: string; readonly id: number | undefined; readonly payload: Buffer | undefined } | undefined {
  const topicEnd = body.length < 2 ? Number.POSITIVE_INFINITY : 2 + body.readUInt16BE(0)
  const hasId = (flags & (QOS_1 | 0x04)) !== 0
  const payloadAt = topicEnd + (hasId ? 2 : 0)
  if (payloadAt > body.length) return undefined
  const payload = length > body.length ? undefined : body.subarray(payloadAt)
  return { topic: body.toString('utf8', 2, topicEnd), id: hasId ? body.readUInt16BE(topicEnd) : undefined, payload }
}

/** Return code of a CONNACK, 0 when let in; the identifier of a PUBACK or SUBACK. */
export const returnCode = ({ body }: ReceivedPacket): number => body[1] ?? REFUSED
export const identifierOf = ({ body }: ReceivedPacket): number | undefined => (body.length < 2 ? undefined : body.readUInt16BE(0))
/** Whether each filter of a SUBSCRIBE was taken, in its order. */
export const filtersTaken = ({ body }: ReceivedPacket): boolean[] => [...body.subarray(2)].map((code) => code < REFUSED)

const word = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff)

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([word(bytes.length), bytes])
}

function packet(type: number, flags: number, parts: readonly Uint8Array[]): Buffer {
  let rest = parts.reduce((sum, part) => sum + part.length, 0)
  const head = [(type << 4) | flags]
  do {
    head.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.from(head), ...parts])
}
