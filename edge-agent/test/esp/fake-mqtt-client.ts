import { connect, type Socket } from 'node:net'
import { type Ecma419Mqtt, type Ecma419MqttOptions, MqttOperation, type MqttWrite } from '../../esp/moddable.ts'

const CONNECT = 1
const PUBLISH = 3
/** The socket of an ESP takes about one segment at a time; the client keeps some of it for its own packets. */
const SOCKET_BYTES = 1_436
const OVERHEAD = 8

/**
 * ECMA-419's MQTT client as Moddable's documentation and example describe it, on a real socket: `write` throws when there is no room, a message
 * may be written in pieces, received ones are read in pieces, PUBACKs are its own affair, `onError` is the end.
 */
export function fakeMqttClient(options: Ecma419MqttOptions): Ecma419Mqtt {
  return new FakeClient(options)
}

class FakeClient implements Ecma419Mqtt {
  readonly #options: Ecma419MqttOptions
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #unread: Uint8Array = new Uint8Array(0)
  #room = SOCKET_BYTES
  #remaining = 0
  #isConnected = false
  #closed = false

  constructor(options: Ecma419MqttOptions) {
    this.#options = options
    this.#socket = connect(options.port, options.host, () => this.#login())
    this.#socket.on('data', (bytes) => this.#hear(bytes))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#fail())
  }

  write(data: ArrayBuffer | null, options?: MqttWrite): number {
    const bytes = Buffer.from(data ?? new ArrayBuffer(0))
    if (!this.#isConnected) throw new TypeError('not connected')
    if (this.#remaining > 0) {
      if (options || bytes.length > this.#remaining) throw new TypeError('in the middle of a message')
      this.#remaining -= bytes.length
      return this.#put(bytes)
    }
    if (!options) throw new TypeError('a message needs its topic')
    return options.operation === MqttOperation.SUBSCRIBE ? this.#subscribe(options) : this.#publish(bytes, options)
  }

  #subscribe({ id = 1, items = [] }: MqttWrite): number {
    return this.#put(packet(MqttOperation.SUBSCRIBE, 2, [word(id), ...items.flatMap((item) => [text(item.topic), Buffer.of(item.QoS)])]))
  }

  #publish(bytes: Buffer, { topic = '', QoS = 0, retain = false, id = 1, byteLength = bytes.length }: MqttWrite): number {
    const head = [text(topic), ...(QoS > 0 ? [word(id)] : [])]
    const room = this.#put(packet(PUBLISH, (QoS << 1) | (retain ? 1 : 0), [...head, bytes], byteLength - bytes.length))
    this.#remaining = byteLength - bytes.length
    return room
  }

  read(count: number): ArrayBuffer {
    const bytes = this.#unread.slice(0, count)
    this.#unread = this.#unread.subarray(count)
    return Uint8Array.from(bytes).buffer
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #put(bytes: Buffer): number {
    if (bytes.length > this.#room) throw new TypeError('overflow')
    this.#room -= bytes.length
    this.#socket.write(bytes, () => {
      this.#room += bytes.length
      if (!this.#closed && this.#isConnected && this.#room > OVERHEAD) this.#options.onWritable(this.#room - OVERHEAD)
    })
    return Math.max(0, this.#room - OVERHEAD)
  }

  #login(): void {
    const { id, user, password, will, keepalive, clean } = this.#options
    const flags = (clean ? 2 : 0) | 0x04 | (will.QoS << 3) | (will.retain ? 0x20 : 0) | 0x40 | 0x80
    const seconds = Math.round(keepalive / 1_000)
    this.#socket.write(packet(CONNECT, 0, [text('MQTT'), Buffer.of(4, flags), word(seconds), text(id), text(will.topic), word(will.message.byteLength), Buffer.from(will.message), text(user), text(password)]))
  }

  #hear(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      let length = 0
      let at = 1
      for (let shift = 0; ; shift += 7, at += 1) {
        if (at >= this.#received.length) return
        length |= ((this.#received[at] as number) & 0x7f) << shift
        if (((this.#received[at] as number) & 0x80) === 0) break
      }
      at += 1
      if (this.#received.length < at + length || this.#closed) return
      const first = this.#received[0] as number
      const body = this.#received.subarray(at, at + length)
      this.#received = this.#received.subarray(at + length)
      this.#packet(first >> 4, first & 0x0f, body)
    }
  }

  #packet(operation: number, flags: number, body: Buffer): void {
    if (operation === PUBLISH) return this.#message(flags, body)
    if (operation === MqttOperation.CONNACK) {
      if (body[1] !== 0) return this.#fail()
      this.#isConnected = true
    }
    this.#options.onControl({ operation, ...(body.length >= 2 && operation !== MqttOperation.CONNACK && { id: body.readUInt16BE(0) }) })
    if (operation === MqttOperation.CONNACK) this.#options.onWritable(this.#room - OVERHEAD)
  }

  #message(flags: number, body: Buffer): void {
    const topicLength = body.readUInt16BE(0)
    const topic = body.toString('utf8', 2, 2 + topicLength)
    const hasId = ((flags >> 1) & 3) > 0
    const payload = body.subarray(2 + topicLength + (hasId ? 2 : 0))
    if (hasId) this.#socket.write(packet(MqttOperation.PUBACK, 0, [body.subarray(2 + topicLength, 4 + topicLength)]))
    const half = Math.ceil(payload.length / 2)
    const parts = [payload.subarray(0, half), payload.subarray(half)].filter(({ length }) => length > 0)
    parts.forEach((part, i) => {
      this.#unread = part
      this.#options.onReadable(part.length, { ...(i === 0 && { topic }), more: i < parts.length - 1 })
    })
  }

  #fail(): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.onError()
    this.#socket.destroy()
  }
}

const word = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff)
const text = (value: string): Buffer => Buffer.concat([word(Buffer.byteLength(value)), Buffer.from(value)])

function packet(operation: number, flags: number, parts: readonly Buffer[], more = 0): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  for (let left = body.length + more; ; left >>= 7) {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0))
    if (left <= 0x7f) break
  }
  return Buffer.concat([Buffer.of((operation << 4) | flags, ...length), body])
}
