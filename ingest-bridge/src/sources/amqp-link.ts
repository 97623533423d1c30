import type { Socket } from 'node:net'
import { AppError, type Clock } from '@vigil/contract'
import rhea, { type Connection, type EventContext } from 'rhea'
import { type AmqpAddress, type AmqpPeer, openAmqpSocket, readAmqpUrl } from './amqp-address.ts'
import { readPlainMessage } from './amqp-decode.ts'
import { reasonOf, TROUBLES } from './amqp-events.ts'

type Listener = (context: EventContext) => void

export interface AmqpLinkOptions extends AmqpAddress {
  readonly containerId: string
  readonly clock: Clock
  /** Opens the one link of this connection. */
  readonly attach: (connection: Connection) => void
  /** By the library's event name: `message`, `accepted`, `sendable` and so on. */
  readonly listeners: Readonly<Record<string, Listener>>
  /** The peer has opened the link. */
  readonly onOpen: () => void
  /** Called once, unless `end` was. */
  readonly onClosed: (reason: string) => void
}

const OPEN_WITHIN_MS = 10_000
const GOODBYE_WITHIN_MS = 1_000
/** Asked of the peer; the library gives up after twice as long in silence. */
const IDLE_MS = 15_000
const MAX_FRAME_BYTES = 1024 * 1024
/** A peer that sends this much without one whole message or answer is filling the memory. */
const MAX_UNFINISHED_BYTES = 16 * 1024 * 1024

keepDecodingHarmless()

/**
 * One AMQP connection with one link on it: it opens once and closes once. Coming back is for `AmqpKeeper`, so that no state of
 * a dead connection lives on.
 */
export class AmqpLink {
  readonly #options: AmqpLinkOptions
  readonly #connection: Connection
  readonly #stopWaiting: () => void
  #socket: Socket | undefined
  #unfinished = 0
  #closed = false
  #onEnded: (() => void) | undefined

  constructor(options: AmqpLinkOptions) {
    this.#options = options
    const peer = readAmqpUrl(options.url)
    const { host, port } = peer
    const { username, password } = options.signIn?.() ?? peer
    const container = rhea.create_container({ id: options.containerId })
    for (const event of TROUBLES) container.on(event, (context: unknown) => this.close(reasonOf(context)))
    for (const event of ['sender_open', 'receiver_open']) container.on(event, () => this.#opened())
    for (const [event, listener] of Object.entries(options.listeners)) container.on(event, (context: EventContext) => this.#heard(listener, context))
    this.#stopWaiting = options.clock.after(OPEN_WITHIN_MS, () => this.close('the AMQP peer does not answer'))
    this.#connection = container.connect({
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      host,
      port,
      hostname: host,
      reconnect: false,
      idle_time_out: options.idleMs ?? IDLE_MS,
      max_frame_size: MAX_FRAME_BYTES,
      connection_details: () => ({ host, port, connect: (_port: number, _host: string, _options: unknown, onConnect: () => void) => this.#connect(peer, onConnect) }),
    })
    options.attach(this.#connection)
  }

  close(reason: string): void {
    if (this.#closed) return
    this.#letGo()
    if (this.#onEnded) this.#onEnded()
    else this.#options.onClosed(reason)
  }

  /** Says goodbye properly, after everything settled so far; `onClosed` is not called. */
  async end(): Promise<void> {
    if (this.#closed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = this.#options.clock.after(GOODBYE_WITHIN_MS, resolve)
    this.#onEnded = resolve
    this.#connection.close()
    await promise
    stop()
    this.#letGo()
  }

  /** Our own socket, because the library does not notice one that closes without a word. */
  #connect(peer: AmqpPeer, onConnect: () => void): Socket {
    const socket = openAmqpSocket(peer, this.#options.ca, onConnect)
    socket.on('data', (chunk: Buffer) => {
      this.#unfinished += chunk.length
      if (this.#unfinished > MAX_UNFINISHED_BYTES) this.close('more than 16 MiB without a whole message')
    })
    socket.on('error', (error) => this.close(error.message))
    socket.on('close', () => this.close('the AMQP peer closed the connection'))
    this.#socket = socket
    return socket
  }

  #opened(): void {
    this.#stopWaiting()
    if (!this.#closed && !this.#onEnded) this.#options.onOpen()
  }

  #heard(listener: Listener, context: EventContext): void {
    this.#unfinished = 0
    if (!this.#closed) listener(context)
  }

  #letGo(): void {
    this.#closed = true
    this.#stopWaiting()
    // With an error: only that, or an `end` of the peer, makes the library stop its own timers.
    this.#socket?.destroy(new AppError('BROKER_AWAY', 'The AMQP connection was closed.'))
  }
}

/**
 * The library reads a message where the frame arrives: one it cannot read would end the connection, be delivered again, and so
 * block the queue for ever. Read as bytes without a topic it becomes a dead letter.
 */
function keepDecodingHarmless(): void {
  const { message } = rhea
  const decode = message.decode
  message.decode = (bytes) => {
    try {
      return (readPlainMessage(bytes) as ReturnType<typeof decode> | undefined) ?? decode(bytes)
    } catch {
      return Object.assign(decode(Buffer.alloc(0)), { body: bytes })
    }
  }
}
