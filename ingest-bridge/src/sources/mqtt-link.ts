import type { Socket } from 'node:net'
import { AppError, type Clock } from '@vigil/contract'
import { generate, parser as createParser, type IConnectPacket, type IPublishPacket, type ISubackPacket, type Packet } from 'mqtt-packet'
import { type MqttAddress, openMqttSocket } from './mqtt-socket.ts'
import { NotMqtt, PacketCutter } from './packet-cutter.ts'

export interface MqttLinkOptions extends MqttAddress {
  readonly connect: Pick<IConnectPacket, 'clientId' | 'username' | 'password' | 'clean'>
  readonly clock: Clock
  readonly onPublish: (packet: IPublishPacket) => void
  /** Only after the link was signed in; before, `opened` tells. */
  readonly onClosed: (reason: string) => void
}

/** MQTT keepalive in seconds; a half-open connection is noticed within two of it. */
const KEEPALIVE_S = 10
const KEEPALIVE_MS = KEEPALIVE_S * 1_000
const CHECK_EVERY_MS = 2_500
const CONNECT_WITHIN_MS = 10_000
const ANSWER_WITHIN_MS = 10_000
const GOODBYE_WITHIN_MS = 1_000
/** Far above what any broker we ship lets pass: a length beyond it is no telemetry, and would be gathered in memory. */
const MAX_PACKET_BYTES = 16 * 1024 * 1024
const PUBACK = 0x4002
/** MQTT 3.1.1, table 3.1. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'the broker does not speak MQTT 3.1.1',
  2: 'the broker refuses the client id',
  3: 'the broker is not available now',
  4: 'the broker refuses user name and password',
  5: 'the broker does not authorise this user',
}

/** One connection to a broker. */
export class MqttLink {
  /** Resolves when signed in, rejects with `BROKER_AWAY` and the reason. */
  readonly opened: Promise<void>
  readonly #options: MqttLinkOptions
  readonly #socket: Socket
  readonly #parser = createParser({ protocolVersion: 4 })
  readonly #cutter: PacketCutter
  readonly #answers = new Map<number, (codes: readonly number[]) => void>()
  readonly #signIn = Promise.withResolvers<void>()
  readonly #stopChecks: () => void
  #signedIn = false
  #closed = false
  #heardAt: number
  #spokeAt: number

  constructor(options: MqttLinkOptions) {
    const { clock } = options
    this.#options = options
    this.opened = this.#signIn.promise
    this.#heardAt = this.#spokeAt = clock.monotonic()
    this.#cutter = new PacketCutter({ mostBytes: MAX_PACKET_BYTES, onPublish: options.onPublish, onOther: (bytes) => this.#parser.parse(bytes) })
    this.#parser.on('packet', (packet) => this.#onPacket(packet))
    this.#parser.on('error', (error) => this.close(`the broker sent something that is not MQTT (${error.message})`))
    this.#socket = openMqttSocket(options, {
      onOpen: () => this.#write(generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, keepalive: KEEPALIVE_S, ...options.connect })),
      onData: (chunk) => this.#onData(chunk),
    })
    this.#socket.on('error', (error) => this.close(error.message))
    this.#socket.on('close', () => this.close('the broker closed the connection'))
    this.#stopChecks = clock.every(CHECK_EVERY_MS, () => this.#check())
  }

  /** Bytes written that the socket has not sent yet. */
  get unsent(): number {
    return this.#socket.writableLength
  }

  /** Resolves with the broker's answer to a SUBSCRIBE or UNSUBSCRIBE: its return codes. */
  ask(packet: Packet & { messageId: number }, withinMs = ANSWER_WITHIN_MS): Promise<readonly number[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
    const stop = this.#options.clock.after(withinMs, () => {
      this.#answers.delete(packet.messageId)
      reject(new AppError('BROKER_AWAY', `The MQTT broker does not answer to ${packet.cmd}.`))
    })
    this.#answers.set(packet.messageId, (codes) => {
      stop()
      resolve(codes)
    })
    this.#write(generate(packet))
    return promise
  }

  publish(packet: Pick<IPublishPacket, 'topic' | 'payload' | 'messageId'>): void {
    this.#write(generate({ cmd: 'publish', qos: 1, dup: false, retain: false, ...packet }))
  }

  /** PUBACK for each id, in one write. */
  acknowledge(ids: readonly number[]): void {
    const bytes = Buffer.allocUnsafe(4 * ids.length)
    for (const [i, id] of ids.entries()) {
      bytes.writeUInt16BE(PUBACK, 4 * i)
      bytes.writeUInt16BE(id, 4 * i + 2)
    }
    this.#write(bytes)
  }

  close(reason: string): void {
    if (this.#closed) return
    this.#letGo()
    if (this.#signedIn) this.#options.onClosed(reason)
    else this.#signIn.reject(new AppError('BROKER_AWAY', `No connection to the MQTT broker: ${reason}.`))
  }

  /** Says goodbye properly; `onClosed` is not called. */
  async end(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = this.#options.clock.after(GOODBYE_WITHIN_MS, resolve)
    this.#socket.end(generate({ cmd: 'disconnect' }), resolve)
    await promise
    stop()
    this.#letGo()
    if (!this.#signedIn) this.#signIn.reject(new AppError('BROKER_AWAY', 'The connection to the MQTT broker was given up.'))
  }

  #letGo(): void {
    this.#closed = true
    this.#stopChecks()
    this.#socket.destroy()
  }

  #write(bytes: Uint8Array): void {
    if (this.#closed) return
    this.#spokeAt = this.#options.clock.monotonic()
    // A batch of HL7 messages is a thousand publications in one turn: they leave together.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork()
      process.nextTick(() => this.#socket.uncork())
    }
    this.#socket.write(bytes)
  }

  #onData(chunk: Buffer): void {
    this.#heardAt = this.#options.clock.monotonic()
    if (this.#closed) return
    try {
      this.#cutter.push(chunk)
    } catch (error) {
      if (!(error instanceof NotMqtt)) throw error
      this.close(`the broker sent something that is not MQTT (${error.message})`)
    }
  }

  #onPacket(packet: Packet): void {
    if (packet.cmd === 'connack') {
      if (packet.returnCode) return this.close(REFUSALS[packet.returnCode] ?? `the broker answers ${packet.returnCode}`)
      this.#signedIn = true
      this.#signIn.resolve()
    } else if (packet.cmd === 'suback') this.#answer(packet.messageId, grantedBy(packet))
    else if (packet.cmd === 'unsuback') this.#answer(packet.messageId, [])
  }

  #answer(messageId: number | undefined, codes: readonly number[]): void {
    if (messageId === undefined) return
    this.#answers.get(messageId)?.(codes)
    this.#answers.delete(messageId)
  }

  #check(): void {
    const now = this.#options.clock.monotonic()
    const silentMs = now - this.#heardAt
    if (!this.#signedIn && silentMs > CONNECT_WITHIN_MS) this.close('no answer to CONNECT')
    else if (silentMs > 2 * KEEPALIVE_MS) this.close('the broker has gone silent')
    // Asked also while we speak: a half-open socket swallows what we write and never answers.
    else if (this.#signedIn && Math.max(silentMs, now - this.#spokeAt) > KEEPALIVE_MS / 2) this.#write(generate({ cmd: 'pingreq' }))
  }
}

function grantedBy({ granted }: ISubackPacket): readonly number[] {
  return (granted as readonly unknown[]).map(Number)
}
