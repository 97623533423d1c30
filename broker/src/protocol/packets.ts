import type { IConnectPacket, IPublishPacket, ISubscribePacket, IUnsubscribePacket } from 'mqtt-packet'

/** First nibble of the fixed header: MQTT 3.1.1 table 2.1. */
export const PacketType = { connect: 1, connack: 2, publish: 3, puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7, subscribe: 8, suback: 9, unsubscribe: 10, unsuback: 11, pingreq: 12, pingresp: 13, disconnect: 14 } as const

export type Qos = 0 | 1 | 2

export interface PublishIn extends IPublishPacket {
  payload: Buffer
}

export interface AckIn {
  readonly cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'
  readonly messageId: number
}

export interface BarePacket {
  readonly cmd: 'pingreq' | 'disconnect'
}

/** What a client may send. The shapes are those of mqtt-packet, which Aedes and its hooks know. */
export type ConnectIn = IConnectPacket

export type PacketIn = ConnectIn | PublishIn | AckIn | (ISubscribePacket & { messageId: number }) | (IUnsubscribePacket & { messageId: number }) | BarePacket
