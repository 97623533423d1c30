import type { RefusalReason } from '../refusals.ts'
import type { Session } from '../session.ts'
import { encodeAck, encodePublish } from './encode.ts'
import { type Flight, RELEASED, SENT_QOS_1, SENT_QOS_2 } from './flight.ts'
import type { Message } from './message.ts'
import type { Qos } from './packets.ts'

/** The connection a session has at the moment. */
export interface Wire {
  send(bytes: Buffer): void
  refuse(reason: RefusalReason, facts?: Readonly<Record<string, string | number>>): void
  readonly owner: Session
  /** Most messages without their acknowledgement, and most that wait behind them; who needs more is cut. */
  readonly window: number
  readonly queue: number
}

/** What may be kept for clients that are away. */
export interface AwayRoom {
  /** Takes a message in, letting go of the oldest of this client where there is no room. False when it is none to keep. */
  admit(session: ClientSession, message: Message): boolean
  /** The client is about to come back: lets go of what is too old, or not for it any more. */
  returned(session: ClientSession, owner: Session): void
  /** A message that was taken in is needed no more. */
  release(message: Message): void
}

const LAST_ID = 0xffff
/** Messages at QoS 2 from one client that wait for its PUBREL. */
const MOST_UNRELEASED = 1_000

/** What a broker remembers of a client (section 3.1.2.4): subscriptions, and messages under way in both directions. */
export class ClientSession {
  readonly id: string
  /** Outlives its connections. */
  readonly isKept: boolean
  readonly subscriptions = new Map<string, Qos>()
  readonly #room: AwayRoom
  #wire: Wire | undefined
  #inFlight: Map<number, Flight> | undefined
  #waiting: Flight[] | undefined
  #unreleased: Set<number> | undefined
  #nextId = 1

  constructor(id: string, isKept: boolean, room: AwayRoom) {
    this.id = id
    this.isKept = isKept
    this.#room = room
  }

  get wire(): Wire | undefined {
    return this.#wire
  }

  /** A connection for this session: what was under way goes out again, in its order [MQTT-4.4.0-1] [MQTT-4.6.0-1]. */
  attach(wire: Wire): void {
    this.#wire = wire
    for (const [id, flight] of this.#inFlight ?? []) {
      if (flight.state === 'released') wire.send(encodeAck('pubrel', id))
      else if (flight.message) wire.send(encodePublish(flight.message, { qos: flight.qos, retain: flight.retain, dup: true, id }))
    }
    this.#pump()
  }

  /** The connection is gone, and with it what is not kept. */
  detach(): void {
    this.#wire = undefined
    for (const [id, flight] of this.#inFlight ?? []) if (!flight.kept) this.#inFlight?.delete(id)
    this.#waiting = this.#waiting?.filter(({ kept }) => kept)
  }

  /** Everything that is kept, oldest first. */
  keptFlights(): Flight[] {
    return [...(this.#inFlight?.values() ?? []), ...(this.#waiting ?? [])].filter(({ kept }) => kept)
  }

  /** Lets go of a kept message: it is not sent again, or not at all. */
  letGo(flight: Flight): void {
    if (flight.message) this.#room.release(flight.message)
    flight.kept = false
    if (this.#wire) return
    for (const [id, other] of this.#inFlight ?? []) if (other === flight) this.#inFlight?.delete(id)
    this.#waiting = this.#waiting?.filter((other) => other !== flight)
  }

  forget(): void {
    for (const flight of this.keptFlights()) this.letGo(flight)
  }

  deliver(message: Message, qos: Qos, at: number, retain = false): void {
    if (qos === 0) return this.#wire?.send(retain ? encodePublish(message, { qos, retain, dup: false, id: 0 }) : message.plain())
    const kept = this.isKept && this.#room.admit(this, message)
    const wire = this.#wire
    if (wire && this.#hasPlace(wire)) this.#send(wire, { message, qos, retain, kept, at })
    else if (wire || kept) this.#wait({ qos, retain, kept, at, message: message.copy(), state: 'waiting' })
  }

  #hasPlace({ window }: Wire): boolean {
    return (this.#inFlight?.size ?? 0) < window && !this.#waiting?.length
  }

  /** What is kept waits in any case: the room has its own bounds. */
  #wait(flight: Flight): void {
    const wire = this.#wire
    this.#waiting ??= []
    const isFull = wire !== undefined && this.#waiting.length >= wire.queue
    if (flight.kept || !isFull) this.#waiting.push(flight)
    if (isFull) wire.refuse('unacknowledged', { unacknowledged: wire.window })
  }

  /** PUBACK, PUBREC, PUBCOMP of the client. False when it answers what the flow does not ask for. */
  acknowledged(cmd: 'puback' | 'pubrec' | 'pubcomp', id: number): boolean {
    const flight = this.#inFlight?.get(id)
    if (cmd === 'pubrec') return this.#received(id, flight)
    if (!flight) return true
    if (cmd === 'puback' ? flight.qos !== 1 : flight.state !== 'released') return false
    if (flight.kept && flight.message) this.#room.release(flight.message)
    this.#inFlight?.delete(id)
    this.#pump()
    return true
  }

  /** A message of the client at QoS 2. False when it was there before; `undefined` when too many wait for their PUBREL. */
  receive(id: number): boolean | undefined {
    this.#unreleased ??= new Set()
    if (this.#unreleased.has(id)) return false
    if (this.#unreleased.size >= MOST_UNRELEASED) return undefined
    this.#unreleased.add(id)
    return true
  }

  released(id: number): void {
    this.#unreleased?.delete(id)
  }

  #received(id: number, flight: Flight | undefined): boolean {
    if (flight && flight.qos !== 2) return false
    if (flight === SENT_QOS_2) this.#inFlight?.set(id, RELEASED)
    else if (flight && flight !== RELEASED) flight.state = 'released'
    // Unknown ones are answered too: the client must be able to end a flow that we have forgotten.
    this.#wire?.send(encodeAck('pubrel', id))
    return true
  }

  #send(wire: Wire, { message, qos, retain, kept, at }: { message: Message; qos: 1 | 2; retain: boolean; kept: boolean; at: number }): void {
    const id = this.#takeId()
    this.#inFlight ??= new Map()
    this.#inFlight.set(id, kept ? { message: message.copy(), qos, retain, kept, at, state: 'sent' } : qos === 1 ? SENT_QOS_1 : SENT_QOS_2)
    wire.send(encodePublish(message, { qos, retain, dup: false, id }))
  }

  #pump(): void {
    const wire = this.#wire
    if (!wire) return
    while (this.#waiting?.length && (this.#inFlight?.size ?? 0) < wire.window) {
      const flight = this.#waiting.shift() as Flight
      if (flight.message) this.#send(wire, { ...flight, message: flight.message })
    }
  }

  #takeId(): number {
    while (this.#inFlight?.has(this.#nextId)) this.#nextId = this.#nextId === LAST_ID ? 1 : this.#nextId + 1
    const id = this.#nextId
    this.#nextId = id === LAST_ID ? 1 : id + 1
    return id
  }
}
