import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { listen } from '@vigil/program'
import { type Clock, type Stop } from '@vigil/contract'
import { type FramingFault } from '@vigil/contract/hl7/index'
import { MessageBacklog } from '../hl7/backlog-of-messages.ts'
import { type Inbox } from '../hl7/inbox.ts'
import { createReception, type Hl7Refusal } from '../hl7/reception.ts'
import { serveMllp } from './mllp-connection.ts'
import { type Delivery, type Source, type SourceHandlers } from './source.ts'

export interface MllpListener {
  readonly port: number
  readonly bind: string
  /** Certificate and key; with `clientCa`, peers must show a certificate of that authority. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string | undefined } | undefined
  /** Addresses that may connect; empty for all. */
  readonly allow: readonly string[]
  /** Takes in senders nobody registered. */
  readonly admit: boolean
}

export interface Hl7Counters {
  readonly messages: () => void
  readonly refused: (why: Hl7Refusal) => void
  readonly duplicates: () => void
  readonly faults: (fault: FramingFault) => void
  readonly connections: (why: 'taken' | 'not_allowed' | 'too_many') => void
}

export interface MllpSourceOptions extends MllpListener {
  readonly inbox: Inbox
  readonly clock: Clock
  readonly counters: Hl7Counters
  readonly onFailure: (error: unknown) => void
  /** Lets the inbox go. */
  readonly close: () => Promise<void>
}

const MOST_CONNECTIONS = 256
const RESUME_EVERY_MS = 5_000

/** Monitors that send HL7 v2 over MLLP. A message is answered well only when it is committed. */
export class MllpSource implements Source {
  readonly name = 'hl7'
  readonly #options: MllpSourceOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #backlog: MessageBacklog
  #handlers: SourceHandlers | undefined
  #onData: (delivery: Delivery) => void = () => undefined
  #listening: Promise<number> | undefined
  #looking: Stop | undefined
  #port: number | undefined

  constructor(options: MllpSourceOptions) {
    const { inbox, clock, counters, onFailure, admit, tls } = options
    this.#options = options
    this.#backlog = new MessageBacklog({ inbox, clock, onFailure, deliver: (delivery) => this.#deliver(delivery) })
    const answer = createReception({
      inbox,
      admit: () => admit,
      now: () => clock.now(),
      onRefused: counters.refused,
      onDuplicate: counters.duplicates,
      onFailure: (error) => {
        onFailure(error)
        // It may be committed all the same, with only the answer lost: looked for when the database is back.
        this.#lookLater()
      },
      onAccepted: (accepted) => {
        counters.messages()
        this.#backlog.add(accepted)
      },
    })
    const serve = (socket: Socket) => this.#serve(socket, answer)
    this.#server = tls ? createTlsServer({ cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2', ...(tls.clientCa !== undefined && { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }) }, serve) : createServer({ allowHalfOpen: true }, serve)
  }

  onData(listener: (delivery: Delivery) => void): void {
    this.#onData = listener
  }

  start(handlers: SourceHandlers): void {
    this.#handlers = handlers
    this.#listening = listen(this.#server, this.#options.port, this.#options.bind, 'VIGIL_MLLP_PORT')
    this.#listening.then((port) => void (this.#port = port), this.#options.onFailure)
    void this.#resume()
  }

  async ready(): Promise<void> {
    await this.#listening
  }

  /** The port it listens on, once it does. */
  get port(): number | undefined {
    return this.#port
  }

  facts(): { connected: boolean; detail: string } {
    return { connected: this.#port !== undefined, detail: `port ${this.#port ?? 'not open'}, ${this.#sockets.size} peers, ${this.#backlog.size} messages not yet stored` }
  }

  roomAgain(): void {
    this.#backlog.roomAgain()
  }

  async pause(): Promise<void> {
    this.#looking?.()
    for (const socket of this.#sockets) socket.pause()
    this.#handlers = undefined
  }

  async stop(): Promise<void> {
    await this.#listening?.catch(() => undefined)
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
    await this.#options.close()
  }

  #deliver(delivery: Delivery): void {
    // Who pauses takes no more; the inbox has it, and the next start goes on.
    if (!this.#handlers) return
    this.#onData(delivery)
    this.#handlers.onDelivery(delivery)
  }

  #serve(socket: Socket, answer: (inbound: Uint8Array) => Promise<Uint8Array | undefined>): void {
    const { allow, counters } = this.#options
    const from = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    const outcome = allow.length > 0 && !allow.includes(from) ? 'not_allowed' : this.#sockets.size >= MOST_CONNECTIONS ? 'too_many' : 'taken'
    counters.connections(outcome)
    if (outcome !== 'taken') return void socket.destroy()
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    serveMllp({ socket, answer, onFault: counters.faults })
  }

  /** What is in the inbox and not stored, from an earlier run or an answer that was lost, as soon as the database tells. */
  async #resume(): Promise<void> {
    this.#looking = undefined
    if (!(await this.#backlog.resume())) this.#lookLater()
  }

  #lookLater(): void {
    if (this.#handlers) this.#looking ??= this.#options.clock.after(RESUME_EVERY_MS, () => void this.#resume())
  }
}
