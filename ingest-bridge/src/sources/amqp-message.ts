import type { Message } from 'rhea'

/** What of an AMQP message matters here. */
export interface Received {
  readonly topic: string
  readonly payload: Buffer
  /** When the first of us received it, unix ms. */
  readonly receivedAt: number
}

export interface Outgoing {
  readonly topic: string
  readonly payload: Buffer
  readonly receivedAt: number
}

const DATA_SECTION = 0x75
/** A time before this is a clock that was never set. */
const EARLIEST_MS = Date.UTC(2020, 0, 1)

/**
 * The form both sides of a forward agree on: a data section with the payload as it was, application properties `topic` and
 * `received` (unix ms), durable, so that the peer's restart does not lose it. AMQP 1.0, part 3, 3.2.
 */
export function toAmqp({ topic, payload, receivedAt }: Outgoing): Message {
  return {
    durable: true,
    content_type: 'application/json',
    creation_time: new Date(receivedAt),
    application_properties: { topic, received: String(receivedAt) },
    body: { typecode: DATA_SECTION, content: payload, multiple: false },
  }
}

/** Reads what any producer may have sent: `topic` as application property or subject; data, text, binary or a value as body. */
export function fromAmqp(message: Message | Buffer, now: number): Received {
  // Another message format than 0: the library hands over its bytes.
  if (Buffer.isBuffer(message)) return { topic: '', payload: message, receivedAt: now }
  const properties: Record<string, unknown> = message.application_properties ?? {}
  const topic = [properties['topic'], message.subject].find((value) => typeof value === 'string') ?? ''
  return { topic, payload: bytesOf(message.body), receivedAt: receivedOf(properties['received'] ?? message.creation_time, now) }
}

/** A time ahead of ours would date samples into the future. */
function receivedOf(claimed: unknown, now: number): number {
  const ms = claimed instanceof Date ? claimed.getTime() : Number(claimed)
  return Number.isSafeInteger(ms) && ms >= EARLIEST_MS ? Math.min(ms, now) : now
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (isDataSection(body)) return Array.isArray(body.content) ? Buffer.concat(body.content.filter((part) => Buffer.isBuffer(part))) : bytesOf(body.content)
  try {
    return Buffer.from(JSON.stringify(body) ?? '')
  } catch {
    // A cycle or a bigint: it cannot be JSON, and becomes a dead letter like everything that is not.
    return Buffer.alloc(0)
  }
}

function isDataSection(body: unknown): body is { content: unknown } {
  return typeof body === 'object' && body !== null && 'typecode' in body && body.typecode === DATA_SECTION && 'content' in body
}
