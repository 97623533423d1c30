import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { listen } from '@vigil/program'
import type { Clock, Stop } from '@vigil/contract'
import type { FramingFault } from '@vigil/contract/hl7/index'
import { type AdmissionBox, takesAdmissions } from '../hl7/admissions.ts'
import { type AsideOptions, createAside } from '../hl7/aside.ts'
import { MessageBacklog } from '../hl7/backlog-of-messages.ts'
import type { Inbox } from '../hl7/inbox.ts'
import { createReception, type Hl7Refusal, type Reception } from '../hl7/reception.ts'
import { createDialler, type Dialler, type DialTarget } from './mllp-dialler.ts'
import { serveMllp } from './mllp-connection.ts'
import type { Delivery, Source, SourceHandlers } from './source.ts'

export interface MllpListener {
  /** 0 for any free one, none when monitors are only called up. */
  readonly port: number | undefined
  readonly bind: string
  /** Certificate and key; with `clientCa`, peers must show a certificate of that authority. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string | undefined } | undefined
  /** Addresses that may connect; empty for all. */
  readonly allow: readonly string[]
  /** Takes in senders nobody registered. */
  readonly admit: boolean
  /** Senders (MSH-3) whose ADT comes onto the review list; nobody's unless told. */
  readonly adt?: readonly string[]
  /** Monitors that listen themselves and talk to whoever connects. */
  readonly dial?: readonly DialTarget[]
}

/** What became of a connection; label of `vigil_bridge_hl7_connections_total`. */
export type ConnectionOutcome = 'taken' | 'not_allowed' | 'too_many' | 'no_certificate' | 'dialled' | 'dial_failed'

export interface Hl7Counters {
  readonly messages: () => void
  readonly refused: (why: Hl7Refusal) => void
  readonly duplicates: () => void
  readonly proposals: () => void
  readonly faults: (fault: FramingFault) => void
  readonly connections: (why: ConnectionOutcome) => void
}

export interface MllpSourceOptions extends MllpListener {
  readonly inbox: Inbox
  readonly admissions: AdmissionBox
  readonly alertStatus: AsideOptions['alertStatus']
  readonly clock: Clock
  readonly random: () => number
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
  readonly #dialler: Dialler
  #handlers: SourceHandlers | undefined
  #onData: (delivery: Delivery) => void = () => undefined
  #listening: Promise<number> | undefined
  #looking: Stop | undefined
  #port: number | undefined

  constructor(options: MllpSourceOptions) {
    const { inbox, clock, counters, onFailure, admit, adt = [], admissions, alertStatus, tls, random, dial = [] } = options
    this.#options = options
    this.#backlog = new MessageBacklog({ inbox, clock, onFailure, deliver: (delivery) => this.#deliver(delivery) })
    const answer = createReception({
      inbox,
      admit: () => admit,
      aside: createAside({ admissions: { takes: takesAdmissions(adt), box: admissions }, alertStatus, onRefused: counters.refused, onDuplicate: counters.duplicates, onProposal: counters.proposals }),
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
    // A handshake that fails is a peer without the right certificate, or one that knows no TLS.
    this.#server.on('tlsClientError', () => counters.connections('no_certificate'))
    this.#dialler = createDialler({ targets: dial, clock, random, onOutcome: counters.connections, serve: (socket) => this.#take(socket, answer) })
  }

  onData(listener: (delivery: Delivery) => void): void {
    this.#onData = listener
  }

  start(handlers: SourceHandlers): void {
    this.#handlers = handlers
    const { port, bind, onFailure } = this.#options
    if (port !== undefined) {
      this.#listening = listen(this.#server, port, bind, 'VIGIL_MLLP_PORT')
      this.#listening.then((taken) => void (this.#port = taken), onFailure)
    }
    this.#dialler.start()
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
    return { connected: this.#port !== undefined || this.#options.port === undefined, detail: `port ${this.#port ?? 'not open'}, ${this.#sockets.size} peers${this.#dialler.words()}, ${this.#backlog.size} messages not yet stored` }
  }

  roomAgain(): void {
    this.#backlog.roomAgain()
  }

  async pause(): Promise<void> {
    this.#looking?.()
    this.#dialler.stop()
    for (const socket of this.#sockets) socket.pause()
    this.#handlers = undefined
  }

  async stop(): Promise<void> {
    this.#dialler.stop()
    await this.#listening?.catch(() => undefined)
    const closed = new Promise<void>((resolve) => (this.#listening ? this.#server.close(() => resolve()) : resolve()))
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

  #serve(socket: Socket, answer: Reception): void {
    const { allow, counters } = this.#options
    const from = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    const outcome = allow.length > 0 && !allow.includes(from) ? 'not_allowed' : this.#sockets.size >= MOST_CONNECTIONS ? 'too_many' : 'taken'
    counters.connections(outcome)
    if (outcome !== 'taken') return void socket.destroy()
    this.#take(socket, answer)
  }

  #take(socket: Socket, answer: Reception): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    serveMllp({ socket, answer, onFault: this.#options.counters.faults })
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
