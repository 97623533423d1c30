import type { Socket } from 'node:net'
import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import rhea, { type Connection, type Delivery, type EventContext, type Sender } from 'rhea'
import { reasonOf, TROUBLES } from '../sources/amqp-events.ts'
import type { Admitted, ConsumerSignIn } from './consumer-sign-in.ts'
import { messageOf } from './feed-message.ts'
import { createFrameGuard, type FrameGuard } from './frame-guard.ts'
import type { Held } from './group-line.ts'
import type { Consumer, Outcome } from './group-keeper.ts'

export interface ConsumerConnectionOptions {
  readonly socket: Socket
  readonly containerId: string
  readonly signIn: ConsumerSignIn
  readonly clock: Clock
  readonly log: Log
  readonly onSignedIn: () => void
  /** A consumer opened its link. Answers why it cannot be served, if so. */
  readonly onJoin: (group: string, consumer: Consumer) => string | undefined
  readonly onLeave: (group: string, consumer: Consumer) => void
  /** It can take more. */
  readonly onWants: (group: string) => void
  readonly onEnd: (why: string) => void
}

/** The form of Alibaba Cloud IoT: one receiving link, opened this soon, or the connection ends. */
const LINK_WITHIN_MS = 15_000
/** A wrong password is answered this late. */
const REFUSAL_AFTER_MS = 500
const GOODBYE_MS = 1_000
/** What a consumer may hold without settling; below the library's 2,048 of one session. */
const MOST_UNSETTLED = { messages: 1_000, bytes: 4 * 1024 * 1024 }
/** A consumer that holds messages and settles none for this long is stuck: others get them. */
const SETTLE_WITHIN_MS = 60_000
const CHECK_EVERY_MS = 5_000
/** How often a connected consumer's right is looked at again. */
const RECHECK_EVERY = 12
/** We promise to be heard from within twice as long; the library ends a peer that is silent for as long. */
const IDLE_MS = 30_000

interface Unsettled {
  readonly bytes: number
  readonly settle: (outcome: Outcome) => void
}

/** One connection of a consumer, with a library container of its own, so that its trouble stays its own. */
export class ConsumerConnection implements Consumer {
  readonly #options: ConsumerConnectionOptions
  readonly #connection: Connection
  readonly #guard: FrameGuard = createFrameGuard()
  readonly #unsettled = new Map<Delivery, Unsettled>()
  readonly #stops: Stop[] = []
  #admitted: Admitted | undefined
  #sender: Sender | undefined
  #bytes = 0
  #settledAt = 0
  #checks = 0
  #ended = false
  #closing = false

  constructor(options: ConsumerConnectionOptions) {
    this.#options = options
    const { socket, clock, containerId } = options
    const container = rhea.create_container({ id: containerId })
    for (const event of TROUBLES) container.on(event, (context: unknown) => this.#trouble(event, context))
    container.on('sender_open', ({ sender }: EventContext) => sender && this.#opened(sender))
    container.on('receiver_open', ({ receiver }: EventContext) => receiver?.close({ condition: 'amqp:not-allowed', description: 'Consumers receive; nothing is taken in here.' }))
    for (const event of ['sendable', 'sender_flow']) container.on(event, () => this.#ready())
    for (const outcome of ['accepted', 'rejected', 'released'] as const) container.on(outcome, ({ delivery }: EventContext) => delivery && this.#settle(delivery, outcome))
    // Settled without an outcome: not said to be stored.
    container.on('settled', ({ delivery }: EventContext) => delivery && this.#settle(delivery, 'released'))
    const mechanisms = container.sasl_server_mechanisms as { enable_plain(check: (user: string, password: string) => Promise<boolean>): void }
    mechanisms.enable_plain((user, password) => this.#check(user, password))
    this.#connection = container.create_connection({ reconnect: false, require_sasl: true, idle_time_out: IDLE_MS, sender_options: { snd_settle_mode: 0, autosettle: true } } as unknown as Parameters<typeof container.create_connection>[0])
    socket.setNoDelay(true)
    // Before the library's own listener: what is too large is not gathered.
    socket.on('data', (chunk: Buffer) => this.#look(chunk))
    socket.on('error', (error) => this.end(error.message))
    socket.on('close', () => this.end('the consumer closed the connection'))
    acceptOn(this.#connection, socket)
    this.#stops.push(clock.after(LINK_WITHIN_MS, () => this.#sender === undefined && this.#refuse('amqp:connection:forced', 'no receiving link within 15 s')))
  }

  get group(): string | undefined {
    return this.#admitted?.group
  }

  wants(): boolean {
    const sender = this.#sender
    return !this.#closing && sender !== undefined && this.#unsettled.size < MOST_UNSETTLED.messages && this.#bytes < MOST_UNSETTLED.bytes && creditOf(sender) > unsent(sender) && sender.sendable()
  }

  send(held: Held, settle: (outcome: Outcome) => void): void {
    const { topic, messageId, generateTime, body } = messageOf(held.entry, this.#admitted?.format ?? 'vigil')
    const content = Buffer.from(body)
    const delivery = this.#sender?.send({
      message_id: messageId,
      content_type: 'application/json',
      durable: true,
      ...(held.offered > 0 && { delivery_count: held.offered }),
      application_properties: { topic, messageId, generateTime: rhea.types.wrap_long(generateTime), qos: 1 },
      body: rhea.message.data_section(content),
    })
    if (!delivery) return settle('released')
    if (this.#unsettled.size === 0) this.#settledAt = this.#options.clock.monotonic()
    this.#unsettled.set(delivery, { bytes: content.length, settle })
    this.#bytes += content.length
  }

  refuse(why: string): void {
    this.#refuse('amqp:resource-locked', why)
  }

  drained(): void {
    if (this.#sender && unsent(this.#sender) === 0) this.#sender.set_drained(true)
  }

  /** Says goodbye and ends; what is not settled goes to others. */
  close(why: string): void {
    this.#refuse('amqp:connection:forced', why)
  }

  end(why: string): void {
    if (this.#ended) return
    this.#ended = true
    for (const stop of this.#stops) stop()
    // With an error: only that makes the library stop its own timers.
    this.#options.socket.destroy(new Error('ended'))
    this.#leave()
    this.#options.onEnd(why)
  }

  async #check(userName: string, password: string): Promise<boolean> {
    const { signIn, log, clock } = this.#options
    const admitted = await signIn.check(userName, password).catch((error: unknown) => {
      log.warn({ why: error instanceof Error ? error.message : 'unknown failure' }, 'bridge.consumer_sign_in_failed')
      throw error
    })
    if (!admitted) await new Promise<void>((resolve) => void this.#stops.push(clock.after(REFUSAL_AFTER_MS, resolve)))
    if (this.#ended) return false
    if (!admitted) {
      this.#stops.push(clock.after(GOODBYE_MS, () => this.end('sign-in refused')))
      return false
    }
    this.#admitted = admitted
    this.#guard.signedIn()
    this.#options.onSignedIn()
    this.#stops.push(clock.every(CHECK_EVERY_MS, () => void this.#watch()))
    return true
  }

  #opened(sender: Sender): void {
    const { onJoin, log } = this.#options
    const admitted = this.#admitted
    if (!admitted || this.#sender) {
      sender.close({ condition: 'amqp:not-allowed', description: 'One receiving link on a connection.' })
      return
    }
    sender.set_source({ address: admitted.group })
    const problem = onJoin(admitted.group, this)
    if (problem !== undefined) return this.#refuse('amqp:resource-limit-exceeded', problem)
    this.#sender = sender
    log.info({ group: admitted.group, client: admitted.clientId, format: admitted.format }, 'bridge.consumer_joined')
    this.#ready()
  }

  #ready(): void {
    if (this.#admitted && this.#sender) this.#options.onWants(this.#admitted.group)
  }

  #settle(delivery: Delivery, outcome: Outcome): void {
    const unsettled = this.#unsettled.get(delivery)
    if (!unsettled) return
    this.#unsettled.delete(delivery)
    this.#bytes -= unsettled.bytes
    this.#settledAt = this.#options.clock.monotonic()
    unsettled.settle(outcome)
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options
    if (this.#unsettled.size > 0 && clock.monotonic() - this.#settledAt > SETTLE_WITHIN_MS) return this.#refuse('amqp:resource-limit-exceeded', 'nothing was settled for 60 s; others get the messages')
    if (++this.#checks % RECHECK_EVERY !== 0) return
    const may = await this.#admitted?.stillMay().catch(() => true)
    if (may === false) this.#refuse('amqp:unauthorized-access', 'the right to read this group was taken back')
  }

  #look(chunk: Buffer): void {
    const problem = this.#guard.look(chunk)
    if (problem !== undefined) this.end(problem)
  }

  #trouble(event: string, context: unknown): void {
    if (event === 'receiver_error' || event === 'receiver_close') return
    // What was settled just before a goodbye is told by the library at the end of the turn, the goodbye at once.
    process.nextTick(() => {
      if (event !== 'connection_close') return this.end(reasonOf(context))
      this.#leave()
      this.#stops.push(this.#options.clock.after(GOODBYE_MS, () => this.end('the consumer said goodbye')))
    })
  }

  #refuse(condition: string, description: string): void {
    if (this.#ended || this.#closing) return
    this.#closing = true
    this.#leave()
    this.#connection.close({ condition, description })
    this.#stops.push(this.#options.clock.after(GOODBYE_MS, () => this.end(description)))
  }

  #leave(): void {
    if (this.#admitted && this.#sender) this.#options.onLeave(this.#admitted.group, this)
    this.#sender = undefined
    this.#unsettled.clear()
    this.#bytes = 0
  }
}

/** The typings leave out how a container takes over a socket, which its own `listen` does. */
function acceptOn(connection: Connection, socket: Socket): void {
  ;(connection as Connection & { accept(socket: Socket): void }).accept(socket)
}

/** Messages the library sends at the end of the turn. */
function unsent(sender: Sender): number {
  const { outgoing } = sender.session as unknown as { outgoing: { next_delivery_id: number; next_pending_delivery: number } }
  return outgoing.next_delivery_id - outgoing.next_pending_delivery
}

function creditOf(sender: Sender): number {
  return (sender as unknown as { credit: number }).credit
}
