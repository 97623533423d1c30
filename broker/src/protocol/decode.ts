import type { IConnectPacket, ISubscription } from 'mqtt-packet'
import { BytesIn, Fault } from './bytes-in.ts'
import { type AckIn, type PacketIn, PacketType, type PublishIn, type Qos } from './packets.ts'
import { isFilter } from './topic-tree.ts'

const ACKS: Readonly<Record<number, AckIn['cmd']>> = { [PacketType.puback]: 'puback', [PacketType.pubrec]: 'pubrec', [PacketType.pubrel]: 'pubrel', [PacketType.pubcomp]: 'pubcomp' }
/** Flags of the fixed header that table 2.2 prescribes; PUBLISH has its own. */
const FLAGS: Readonly<Record<number, number>> = { [PacketType.pubrel]: 2, [PacketType.subscribe]: 2, [PacketType.unsubscribe]: 2 }
const CLIENT_TYPES: ReadonlySet<number> = new Set([PacketType.connect, PacketType.publish, PacketType.puback, PacketType.pubrec, PacketType.pubrel, PacketType.pubcomp, PacketType.subscribe, PacketType.unsubscribe, PacketType.pingreq, PacketType.disconnect])

const RETAIN = 0x01
const DUP = 0x08
const ConnectFlag = { reserved: 0x01, clean: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, username: 0x80 } as const
/** Level 3 is MQTT 3.1, which has the same CONNECT under another name. */
const LEVELS: Readonly<Record<string, number>> = { MQTT: 4, MQIsdp: 3 }

/** Checks the first byte of a packet, before anything of it is gathered [MQTT-2.2.2-2]. */
export function checkHead(first: number): void {
  const type = first >> 4
  if (type === 0 || type === 15) throw new Fault('malformed', `packet type ${type} is reserved`)
  if (!CLIENT_TYPES.has(type)) throw new Fault('protocol_order', `packet type ${type} is not a client's to send`)
  if (type !== PacketType.publish && (first & 0x0f) !== (FLAGS[type] ?? 0)) throw new Fault('malformed', `flags ${first & 0x0f} in a packet of type ${type}`)
}

/** @throws Fault for anything but one whole, well-formed packet of a client. */
export function decodePacket(first: number, bytes: Buffer, from: number, end: number): PacketIn {
  const type = first >> 4
  if (type === PacketType.publish) return decodePublish(first & 0x0f, bytes, from, end)
  const body = new BytesIn(bytes, from, end)
  const packet = decodeOther(type, body)
  if (body.left > 0) throw new Fault('malformed', `${body.left} bytes too many in a packet of type ${type}`)
  return packet
}

function decodeOther(type: number, body: BytesIn): PacketIn {
  const ack = ACKS[type]
  if (ack) return { cmd: ack, messageId: body.identifier() }
  if (type === PacketType.subscribe) return { cmd: 'subscribe', messageId: body.identifier(), subscriptions: someOf(body, decodeSubscription) }
  if (type === PacketType.unsubscribe) return { cmd: 'unsubscribe', messageId: body.identifier(), unsubscriptions: someOf(body, filterOf) }
  if (type === PacketType.pingreq) return { cmd: 'pingreq' }
  if (type === PacketType.disconnect) return { cmd: 'disconnect' }
  return decodeConnect(body)
}

/** Section 3.3. The payload is a window into the bytes that were read. */
function decodePublish(flags: number, bytes: Buffer, from: number, end: number): PublishIn {
  const qos = (flags >> 1) & 3
  if (qos === 3) throw new Fault('malformed', 'QoS 3 [MQTT-3.3.1-4]')
  const dup = (flags & DUP) !== 0
  if (dup && qos === 0) throw new Fault('malformed', 'DUP at QoS 0 [MQTT-3.3.1-2]')
  const body = new BytesIn(bytes, from, end)
  const topic = body.text()
  if (topic === '' || topic.includes('#') || topic.includes('+')) throw new Fault('topic', 'a topic that is empty or holds a wildcard [MQTT-3.3.2-2] [MQTT-4.7.3-1]')
  const packet: PublishIn = { cmd: 'publish', topic, qos: qos as Qos, dup, retain: (flags & RETAIN) !== 0, payload: bytes }
  if (qos > 0) packet.messageId = body.identifier()
  packet.payload = body.rest()
  return packet
}

/** `#` alone or as the last level, `+` as a whole level (section 4.7.1). */
function filterOf(body: BytesIn): string {
  const filter = body.text()
  if (!isFilter(filter)) throw new Fault('topic', 'a filter that is none [MQTT-4.7.1-2] [MQTT-4.7.1-3]')
  return filter
}

function decodeSubscription(body: BytesIn): ISubscription {
  const topic = filterOf(body)
  const qos = body.byte()
  if (qos > 2) throw new Fault('malformed', 'a QoS beyond 2 in SUBSCRIBE [MQTT-3.8.3-4]')
  return { topic, qos: qos as Qos }
}

/** At least one, as [MQTT-3.8.3-3] and [MQTT-3.10.3-2] want. */
function someOf<T>(body: BytesIn, read: (body: BytesIn) => T): T[] {
  const found: T[] = []
  do found.push(read(body))
  while (body.left > 0)
  return found
}

/** Section 3.1. */
function decodeConnect(body: BytesIn): IConnectPacket {
  const protocolId = body.text()
  const level = body.byte()
  const known = LEVELS[protocolId]
  if (known === undefined) throw new Fault('malformed', 'neither MQTT nor MQIsdp [MQTT-3.1.2-1]')
  // What follows in another version nobody here knows; the answer is CONNACK 1 [MQTT-3.1.2-2].
  if (level !== known) return otherVersion(body, protocolId, level)
  const flags = body.byte()
  checkConnectFlags(flags)
  const packet: IConnectPacket = { cmd: 'connect', protocolId: protocolId as 'MQTT', protocolVersion: known as 4, clean: (flags & ConnectFlag.clean) !== 0, keepalive: body.number(), clientId: body.text() }
  if (flags & ConnectFlag.will) {
    const topic = body.text()
    if (topic === '' || /[+#]/.test(topic)) throw new Fault('malformed', 'a will without a topic, or for a filter')
    packet.will = { topic, payload: Buffer.from(body.binary()), qos: ((flags >> 3) & 3) as Qos, retain: (flags & ConnectFlag.willRetain) !== 0 }
  }
  if (flags & ConnectFlag.username) packet.username = body.text()
  if (flags & ConnectFlag.password) packet.password = Buffer.from(body.binary())
  return packet
}

function otherVersion(body: BytesIn, protocolId: string, level: number): IConnectPacket {
  body.rest()
  return { cmd: 'connect', protocolId: protocolId as 'MQTT', protocolVersion: level as 5, clean: true, keepalive: 0, clientId: '' }
}

function checkConnectFlags(flags: number): void {
  const willQos = (flags >> 3) & 3
  if (flags & ConnectFlag.reserved) throw new Fault('malformed', 'the reserved flag in CONNECT [MQTT-3.1.2-3]')
  if (willQos === 3) throw new Fault('malformed', 'a will of QoS 3 [MQTT-3.1.2-14]')
  if (!(flags & ConnectFlag.will) && (willQos > 0 || flags & ConnectFlag.willRetain)) throw new Fault('malformed', 'flags of a will without a will [MQTT-3.1.2-11]')
  if (!(flags & ConnectFlag.username) && flags & ConnectFlag.password) throw new Fault('malformed', 'a password without a user name [MQTT-3.1.2-22]')
}
