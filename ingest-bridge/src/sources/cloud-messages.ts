import { isName, topicOf } from '@vigil/contract'
import { isMeasured, numberOfValue, signalOfProperty, timeOfValue } from '@vigil/contract/alink/properties'
import { fnv1a, HOUR_MS } from '@vigil/contract/numbered-by-time'
import type { Message } from 'rhea'
import { fromAmqp, type Received } from './amqp-message.ts'

/** Numbers of one millisecond: a hundred messages, told apart by their ids, of ten moments each. */
const PER_MS = { messages: 100, moments: 10 }

interface Item {
  readonly value: unknown
  readonly time?: unknown
}

/**
 * A message of Alibaba Cloud IoT as a device of ours would have sent it. The platform numbers nothing, so the number comes from
 * when it took the message and its id: a message that comes again has the same one. An epoch is an hour, so that no ledger row
 * grows for ever. What cannot be read goes on as it is, and becomes a dead letter with its reason.
 */
export function readCloudMessage(message: Message | Buffer, now: number, site: string): Received {
  const received = fromAmqp(message, now)
  const body = parsed(received.payload)
  const [, status, device = ''] = /^\/(?:(as\/mqtt\/status)\/)?[^/]+\/([^/]+)(?:\/|$)/.exec(received.topic) ?? []
  if (!isName(device)) return received
  const id = Buffer.isBuffer(message) ? '' : String(message.message_id ?? message.application_properties?.['messageId'] ?? '')
  const address = { site, device }
  if (!body) return { ...received, topic: topicOf(address, 'tele') }
  if (status !== undefined) return { ...received, topic: topicOf(address, 'event'), payload: json(statusEvent(body, received.receivedAt, id)) }
  const objects = objectsOf(body, received.receivedAt, id)
  // Ten moments in one message and more is none of that platform's: it is kept as it came, as a dead letter.
  if (!objects) return { ...received, topic: topicOf(address, 'tele') }
  return { ...received, topic: topicOf(address, 'tele'), payload: json(objects) }
}

function objectsOf(body: Record<string, unknown>, receivedAt: number, id: string): unknown[] | undefined {
  const takenAt = timeOfValue(body['gmtCreate']) ?? receivedAt
  const moments = new Map<number, Record<string, unknown>>()
  for (const [name, item] of Object.entries((body['items'] ?? {}) as Record<string, Item>)) {
    if (!isMeasured(name)) continue
    const t = timeOfValue(item?.time) ?? takenAt
    moments.set(t, { ...moments.get(t), ...measured(name, item?.value) })
  }
  if (moments.size === 0 || moments.size > PER_MS.moments) return undefined
  return [...moments].sort(([a], [b]) => a - b).map(([t, m], i) => ({ ...numberOf(takenAt, id, i), t, m }))
}

/** What is no number goes on as it is, to be judged where every device's values are. */
function measured(name: string, value: unknown): Record<string, unknown> {
  const signal = signalOfProperty(name)
  return { [signal?.name ?? name]: signal ? (numberOfValue(value) ?? value) : value }
}

/** The platform says of a device whether it is connected to it: an event among its others, dated as the platform orders them. */
function statusEvent(body: Record<string, unknown>, receivedAt: number, id: string): Record<string, unknown> {
  const said = [body['utcLastTime'], body['utcTime']].map((text) => (typeof text === 'string' ? Date.parse(text) : Number.NaN)).find((ms) => !Number.isNaN(ms))
  const t = said ?? receivedAt
  return { ...numberOf(t, id, 0), t, ev: `cloud_${body['status'] === 'online' ? 'online' : 'offline'}`, ph: 'once', src: 'cloud' }
}

function numberOf(takenAt: number, id: string, moment: number): { e: string; s: number } {
  const hour = Math.floor(takenAt / HOUR_MS)
  const place = (takenAt - hour * HOUR_MS) * PER_MS.messages * PER_MS.moments + (fnv1a(id) % PER_MS.messages) * PER_MS.moments + moment
  return { e: `cloud-${hour}`, s: place + 1 }
}

function parsed(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
