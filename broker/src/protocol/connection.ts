import type { Clock } from '@vigil/contract'
import type { Entry } from '../aedes/entrance.ts'
import { type GuardedClient, signOff } from '../aedes/internals.ts'
import type { RefusalReason } from '../refusals.ts'
import type { Session, Sessions } from '../session.ts'
import type { Fault } from './bytes-in.ts'
import { BytesOut } from './bytes-out.ts'
import type { ClientSession, Wire } from './client-session.ts'
import { CONNACK, CONNACK_PRESENT, encodeAck, encodeSuback, PINGRESP } from './encode.ts'
import type { House } from './house.ts'
import { type PacketHandler, PacketReader } from './packet-reader.ts'
import type { ConnectIn, PacketIn, PublishIn, Qos } from './packets.ts'
import type { Router } from './router.ts'
import type { SessionBook } from './session-book.ts'
import type { Promiser, SilenceWatch } from './silence.ts'

export interface ConnectionParts {
  readonly house: House
  readonly sessions: Sessions
  readonly book: SessionBook
  readonly router: Router
  readonly silence: SilenceWatch
  readonly clock: Clock
  /** Asks who it is; `enter` when it may. */
  readonly connect: (client: GuardedClient, packet: ConnectIn) => void
}

/** Packets sent before the CONNACK, which a client need not wait for (section 3.1.4). */
const MOST_EARLY = 64
const REFUSED = 0x80
/** Milliseconds of silence for each second of keepalive. */
const KEEPALIVE_TOLERANCE_MS = 1_500

/** One connection: its bytes in, in order, and its bytes out. Aedes has the will. */
export class Connection implements PacketHandler, Promiser, Wire {
  readonly #parts: ConnectionParts
  readonly owner: Session
  readonly #reader = new PacketReader(this)
  readonly #out: BytesOut
  #isConnecting = false
  #heard = false
  #heardAt: number | undefined
  #silentAfterMs = 0
  #early: PacketIn[] | undefined
  #kept: ClientSession | undefined
  window = 0
  queue = 0
  #mostUnread = 0

  constructor(session: Session, parts: ConnectionParts) {
    this.owner = session
    this.#parts = parts
    this.#out = new BytesOut(session.client.conn)
  }

  read(chunk: Buffer): void {
    this.#reader.push(chunk)
  }

  /** Silent for one and a half times what it promised, it is gone [MQTT-3.1.2-24]. */
  look(now: number): void {
    if (this.#heard || this.#heardAt === undefined) this.#heardAt = now
    else if (now - this.#heardAt >= this.#silentAfterMs) this.refuse('keepalive_timeout')
    this.#heard = false
  }

  /** It may come in: CONNACK, the session begins, and what the client said meanwhile is heard. */
  enter({ isPresent, keepaliveS }: Entry): void {
    const { house, book, silence, clock } = this.#parts
    if (keepaliveS > 0) {
      this.#silentAfterMs = keepaliveS * KEEPALIVE_TOLERANCE_MS
      silence.watch(this)
    }
    const { window, queue, bytes, gatherMs } = house.bounds(this.owner)
    this.window = window
    this.queue = queue
    this.#mostUnread = bytes
    if (gatherMs > 0) this.#out.gatherMessages(clock, gatherMs)
    this.#out.push(isPresent ? CONNACK_PRESENT : CONNACK)
    const { id, clean } = this.owner.client
    this.#kept = book.enter(id, !clean, this)
    house.entered(this.owner)
    const early = this.#early ?? []
    this.#early = undefined
    for (const packet of early) if (!this.owner.refused) this.#handle(this.#kept, packet)
    this.owner.client.conn.resume()
  }

  end(): void {
    this.#reader.stop()
    this.#parts.silence.forget(this)
    if (this.#kept) this.#parts.book.leave(this.#kept, this)
  }

  send(bytes: Buffer): void {
    this.#out.pushMessage(bytes)
    const unread = this.owner.peer.queuedBytes() + this.#out.bytes
    if (unread > this.#mostUnread) this.refuse('slow_reader', { queued: unread })
  }

  refuse(reason: RefusalReason, facts: Readonly<Record<string, string | number>> = {}): void {
    this.#reader.stop()
    this.#parts.sessions.refuse(this.owner, reason, facts)
  }

  mostBytes(announced: number): number {
    return this.#parts.house.mostBytes(this.owner, announced)
  }

  onFault({ reason, message }: Fault): void {
    if (!this.owner.refused) this.refuse(reason, { why: message })
  }

  onPacket(packet: PacketIn): void {
    if (this.owner.refused) return
    this.#heard = true
    const problem = this.#parts.house.problemOf(this.owner, packet)
    if (problem) return this.refuse(problem, { packet: packet.cmd })
    if (packet.cmd === 'connect') return this.#connect(packet)
    if (this.#kept) return this.#handle(this.#kept, packet)
    if (!this.#isConnecting) return this.refuse('protocol_order', { packet: packet.cmd })
    this.#early ??= []
    if (this.#early.push(packet) > MOST_EARLY) this.refuse('protocol_order', { packet: packet.cmd })
  }

  /** A second CONNECT is a violation [MQTT-3.1.0-2]; nothing more is read until the first is answered. */
  #connect(packet: ConnectIn): void {
    if (this.#isConnecting) return this.refuse('protocol_order', { packet: packet.cmd })
    this.#isConnecting = true
    this.owner.client.conn.pause()
    this.#parts.connect(this.owner.client, packet)
  }

  #handle(kept: ClientSession, packet: PacketIn): void {
    switch (packet.cmd) {
      case 'publish':
        return this.#publish(kept, packet)
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        if (!kept.acknowledged(packet.cmd, packet.messageId)) this.refuse('protocol_order', { packet: packet.cmd })
        return
      case 'pubrel':
        kept.released(packet.messageId)
        return this.#out.push(encodeAck('pubcomp', packet.messageId))
      case 'subscribe':
        return this.#subscribe(kept, packet)
      case 'unsubscribe':
        for (const filter of packet.unsubscriptions) this.#parts.book.unsubscribe(kept, filter)
        return this.#out.push(encodeAck('unsuback', packet.messageId))
      case 'pingreq':
        return this.#out.push(PINGRESP)
      default:
        return this.#disconnect()
    }
  }

  #publish(kept: ClientSession, packet: PublishIn): void {
    this.#parts.house.authorizePublish(this.owner.client, packet, (error) => {
      if (!error) this.#accept(kept, packet)
    })
  }

  /** Acknowledged when it has been passed on, all in one step: nothing can come between. */
  #accept(kept: ClientSession, packet: PublishIn): void {
    const { qos, messageId = 0 } = packet
    const isNew = qos === 2 ? kept.receive(messageId) : true
    if (isNew === undefined) return this.refuse('unacknowledged', { packet: 'publish' })
    if (isNew) this.#parts.router.publish(packet)
    if (qos > 0) this.#out.push(encodeAck(qos === 1 ? 'puback' : 'pubrec', messageId))
  }

  #subscribe(kept: ClientSession, { messageId, subscriptions }: Extract<PacketIn, { cmd: 'subscribe' }>): void {
    const { house, book, router } = this.#parts
    const granted = subscriptions.map(({ topic, qos }): number => {
      if (!house.maySubscribe(this.owner, topic, kept.subscriptions.size)) return REFUSED
      const least = Math.min(qos, house.mostQos) as Qos
      book.subscribe(kept, topic, least)
      return least
    })
    this.#out.push(encodeSuback(messageId, granted))
    for (const [i, { topic }] of subscriptions.entries()) {
      const qos = granted[i] as Qos | typeof REFUSED
      if (qos !== REFUSED) router.deliverRetained(kept, topic, qos)
    }
    house.subscribed(this.owner)
  }

  /** A goodbye: there is no will any more [MQTT-3.14.4-3]. */
  #disconnect(): void {
    signOff(this.owner.client)
    this.#reader.stop()
    this.#out.flush()
    this.owner.client.conn.destroy()
  }
}
