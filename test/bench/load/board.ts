import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { checkReceipt, topicOf } from '@vigil/contract'
import type { Board } from './orders.ts'
import { CONNACK, connectPacket, PacketCutter, PUBACK, pubackPacket, PUBLISH, subscribePacket, writePublish } from './wire.ts'

export interface Window {
  readonly batch: number
  readonly window: number
  readonly unreceipted: number
}

const KEEPALIVE_S = 120
const SUBSCRIBE_ID = 1
const FIRST_PUBLISH_ID = 2
const LAST_ID = 0xffff
const SPARE_BYTES = 512

/** Bytes for all boards in turn: a socket has copied what it cannot send at once. */
let scratch = Buffer.allocUnsafe(1 << 20)

/** One connection that behaves like a board with receipts: numbered objects, a window of PUBACKs, a window of receipts. */
export class LoadBoard {
  readonly #board: Board
  readonly #topic: Buffer
  readonly #values: string
  #socket: Socket | undefined
  #epoch = ''
  #sequence = 0
  #id = FIRST_PUBLISH_ID
  #unacknowledged = 0
  #upto = 0
  #last = 0
  #window: Window = { batch: 1, window: 1, unreceipted: 0 }
  #onDone: (() => void) | undefined
  /** Wall clock minus monotonic, milliseconds: taken anew for each run, since a machine's wall clock is corrected now and then. */
  #offsetMs = 0

  constructor(board: Board, index: number) {
    this.#board = board
    this.#topic = Buffer.from(topicOf({ site: board.site, device: board.id }, 'tele'))
    this.#values = `"m":{"pr":${60 + (index % 40)},"spo2":${95 + (index % 5)}.5,"pi":3.${index % 10},"temp":36.${index % 10},"rr":${12 + (index % 8)}}}`
  }

  connect({ port, from, receipts }: { port: number; from: string | undefined; receipts: boolean }): Promise<void> {
    const { id, secret, site } = this.#board
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(from !== undefined && { localAddress: from }) })
    this.#socket = socket
    const cutter = new PacketCutter((type, flags, bytes, start, end) => {
      if (type === PUBACK) this.#acknowledged()
      else if (type === PUBLISH) this.#received(flags, bytes, start, end)
      else if (type === CONNACK) {
        if (bytes[start + 1] !== 0) reject(new RangeError(`${id} was refused with code ${bytes[start + 1]}`))
        else if (receipts) socket.write(subscribePacket(SUBSCRIBE_ID, topicOf({ site, device: id }, 'receipt'), 1))
        else resolve()
      } else resolve()
    })
    socket.on('data', (chunk: Buffer) => cutter.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => reject(new RangeError(`${id} was cut off`)))
    socket.write(connectPacket({ clientId: id, username: id, password: secret, keepaliveS: KEEPALIVE_S }))
    return promise
  }

  drop(): void {
    this.#socket?.destroy()
  }

  /** Begins a sequence of its own, and answers when its last object is receipted (or acknowledged, where no receipts are waited for). */
  publish(epoch: string, objects: number, window: Window): Promise<void> {
    this.#begin(epoch, objects, window)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onDone = resolve
    this.#fill()
    return promise
  }

  begin(epoch: string): void {
    this.#begin(epoch, Number.MAX_SAFE_INTEGER, { batch: 1, window: LAST_ID, unreceipted: 0 })
  }

  /** One object now. Answers when, microseconds since the Unix epoch. */
  sendOne(): number {
    const at = (this.#offsetMs + performance.now()) * 1_000
    this.#write(1)
    return at
  }

  #begin(epoch: string, objects: number, window: Window): void {
    this.#epoch = epoch
    this.#window = window
    this.#sequence = this.#upto = this.#unacknowledged = 0
    this.#last = objects
    this.#offsetMs = Date.now() - performance.now()
  }

  #fill(): void {
    const { batch, window, unreceipted } = this.#window
    const room = unreceipted === 0 ? window : Math.floor((unreceipted - (this.#sequence - this.#upto)) / batch)
    const messages = Math.min(window - this.#unacknowledged, room, Math.ceil((this.#last - this.#sequence) / batch))
    if (messages > 0) this.#write(messages)
    const done = unreceipted === 0 ? this.#unacknowledged === 0 : this.#upto >= this.#last
    if (done && this.#sequence >= this.#last) this.#finish()
  }

  #finish(): void {
    const done = this.#onDone
    this.#onDone = undefined
    done?.()
  }

  #write(messages: number): void {
    const now = Date.now()
    let at = 0
    for (let i = 0; i < messages; i++) {
      const payload = this.#payload(now)
      if (at + payload.length + this.#topic.length + SPARE_BYTES > scratch.length) scratch = Buffer.concat([scratch, scratch])
      at = writePublish(scratch, at, this.#topic, this.#id, payload)
      this.#id = this.#id === LAST_ID ? FIRST_PUBLISH_ID : this.#id + 1
    }
    this.#unacknowledged += messages
    this.#socket?.write(Buffer.from(scratch.subarray(0, at)))
  }

  #payload(now: number): string {
    const object = () => `{"e":"${this.#epoch}","s":${++this.#sequence},"t":${now},${this.#values}`
    if (this.#window.batch === 1) return object()
    const size = Math.min(this.#window.batch, this.#last - this.#sequence)
    return `[${Array.from({ length: size }, object).join(',')}]`
  }

  #acknowledged(): void {
    this.#unacknowledged--
    // Several acknowledgements come in one read: the window is filled once for all of them.
    if (this.#onDone && !this.#isFilling) {
      this.#isFilling = true
      queueMicrotask(() => {
        this.#isFilling = false
        if (this.#onDone) this.#fill()
      })
    }
  }
  #isFilling = false

  #received(flags: number, bytes: Buffer, from: number, to: number): void {
    const qos = (flags >> 1) & 3
    const payloadAt = from + 2 + bytes.readUInt16BE(from) + (qos > 0 ? 2 : 0)
    if (qos > 0) this.#socket?.write(pubackPacket(bytes.readUInt16BE(payloadAt - 2)))
    const receipt = checkReceipt(JSON.parse(bytes.toString('latin1', payloadAt, to)))
    if (!receipt.ok || receipt.value.e !== this.#epoch) return
    this.#upto = Math.max(this.#upto, receipt.value.upto)
    if (this.#onDone) this.#fill()
  }
}
