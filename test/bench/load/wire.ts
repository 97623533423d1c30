/**
 * Just enough of MQTT 3.1.1 to load a broker from few processor cycles: the generator shares the machine with what it measures,
 * so whatever it spends is missing there. Real clients are used everywhere else.
 */

const CONNECT = 0x10
const PUBLISH_QOS1 = 0x32
const SUBSCRIBE = 0x82
export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
const LEVEL_3_1_1 = 4
const CLEAN_SESSION = 0x02
const HAS_USER_AND_PASSWORD = 0xc0
const LONGEST_TWO_BYTE_LENGTH = 16_383

export interface SignIn {
  readonly clientId: string
  readonly username: string
  readonly password: string
  readonly keepaliveS: number
}

/** CONNECT (MQTT 3.1.1 section 3.1), with a clean session. */
export function connectPacket({ clientId, username, password, keepaliveS }: SignIn): Buffer {
  const flags = CLEAN_SESSION | (username === '' ? 0 : HAS_USER_AND_PASSWORD)
  const body = Buffer.concat([text('MQTT'), Buffer.from([LEVEL_3_1_1, flags, keepaliveS >> 8, keepaliveS & 0xff]), text(clientId), ...(username === '' ? [] : [text(username), text(password)])])
  return Buffer.concat([Buffer.from([CONNECT]), length(body.length), body])
}

/** SUBSCRIBE with one filter at the given QoS (section 3.8). */
export function subscribePacket(id: number, filter: string, qos: 0 | 1): Buffer {
  const body = Buffer.concat([Buffer.from([id >> 8, id & 0xff]), text(filter), Buffer.from([qos])])
  return Buffer.concat([Buffer.from([SUBSCRIBE]), length(body.length), body])
}

export function pubackPacket(id: number): Buffer {
  return Buffer.from([PUBACK << 4, 2, id >> 8, id & 0xff])
}

/** Writes a PUBLISH at QoS 1 to `out` at `at`; the payload is ASCII. Answers where it ends. */
export function writePublish(out: Buffer, at: number, topic: Buffer, id: number, payload: string): number {
  const rest = 2 + topic.length + 2 + payload.length
  if (rest > LONGEST_TWO_BYTE_LENGTH) throw new RangeError('the payload is too long for this writer')
  out[at++] = PUBLISH_QOS1
  if (rest > 127) out[at++] = (rest & 0x7f) | 0x80
  out[at++] = rest > 127 ? rest >> 7 : rest
  out[at++] = topic.length >> 8
  out[at++] = topic.length & 0xff
  out.set(topic, at)
  at += topic.length
  out[at++] = id >> 8
  out[at++] = id & 0xff
  return at + out.write(payload, at, 'latin1')
}

/** Cuts what a socket reads into packets, without copying: type, flags, and where the body is. */
export class PacketCutter {
  #rest: Buffer | undefined
  readonly #onPacket: (type: number, flags: number, bytes: Buffer, from: number, to: number) => void

  constructor(onPacket: (type: number, flags: number, bytes: Buffer, from: number, to: number) => void) {
    this.#onPacket = onPacket
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      const head = readHead(bytes, at)
      if (!head || head.to > bytes.length) break
      const first = bytes[at] as number
      this.#onPacket(first >> 4, first & 0x0f, bytes, head.from, head.to)
      at = head.to
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at)
  }
}

/** Fixed header (section 2.2): the length has up to four bytes of seven bits. */
function readHead(bytes: Buffer, at: number): { from: number; to: number } | undefined {
  let size = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + 1 + i]
    if (byte === undefined) return undefined
    size += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return { from: at + 2 + i, to: at + 2 + i + size }
  }
  throw new RangeError('not MQTT: a length of more than four bytes')
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

function length(size: number): Buffer {
  const bytes: number[] = []
  do {
    bytes.push((size & 0x7f) | (size > 127 ? 0x80 : 0))
    size >>= 7
  } while (size > 0)
  return Buffer.from(bytes)
}
