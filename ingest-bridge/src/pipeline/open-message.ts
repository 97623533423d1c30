import { createTopicReader, MAX_TELEMETRY_BYTES, MAX_TELEMETRY_OBJECTS, type Channel, type DeviceAddress, type ErrorCode } from '@vigil/contract'
import { parsePayload } from '@vigil/contract/messages/parse-payload'
import type { Numbered } from './item.ts'
import { readPack } from './senml.ts'

/** The parts of a topic. */
export const topicParts = createTopicReader()

/** A message as it arrived. */
export interface Arrival {
  readonly source: string
  readonly topic: string
  readonly payload: Buffer
  readonly receivedAt: number
}

export type Opened =
  | { readonly what: 'telemetry'; readonly lane: 'live' | 'backlog'; readonly address: DeviceAddress; readonly objects: readonly unknown[]; readonly refused?: readonly { readonly record: unknown; readonly why: string }[] }
  | { readonly what: 'event'; readonly address: DeviceAddress; readonly value: unknown }
  | { readonly what: 'dead'; readonly address?: DeviceAddress; readonly code: ErrorCode; readonly reason: string; readonly key?: Numbered | undefined }

/** Opens a message as far as what it holds can be judged one by one. */
export function openMessage({ topic, payload, receivedAt }: Arrival): Opened {
  const parsedTopic = topicParts(topic)
  if (!parsedTopic) return { what: 'dead', code: 'INVALID_MESSAGE', reason: 'the topic is not one of a device' }
  const { channel } = parsedTopic
  // One object for all messages of a topic, so that what is known of a device can be found by it.
  const address: DeviceAddress = parsedTopic
  const dead = (code: ErrorCode, reason: string, key?: Numbered): Opened => ({ what: 'dead', address, code, reason, key })
  if (payload.length > MAX_TELEMETRY_BYTES) return dead('MESSAGE_TOO_LARGE', `${payload.length} bytes; at most ${MAX_TELEMETRY_BYTES} in one message`)
  const lane = channel === 'backlog' ? 'backlog' : 'live'
  const pack = isTelemetry(channel) ? readPack(payload, receivedAt) : undefined
  if (pack && pack.objects.length + pack.refused.length > 0) return { what: 'telemetry', lane, address, ...pack }
  const parsed = parsePayload(payload.toString('utf8'))
  if (!parsed.ok) return dead('MALFORMED_JSON', parsed.reason, parsed.key)
  if (channel === 'event') return { what: 'event', address, value: parsed.value }
  if (!isTelemetry(channel)) return dead('INVALID_MESSAGE', `nothing on ${channel} is stored here`)
  const opened = objectsIn(parsed.value)
  return typeof opened === 'string' ? dead(opened === 'an empty array' ? 'INVALID_TELEMETRY' : 'MESSAGE_TOO_LARGE', opened) : { what: 'telemetry', lane, address, objects: opened }
}

function isTelemetry(channel: Channel): boolean {
  return channel === 'tele' || channel === 'backlog'
}

/** The objects of a message, or why there are none. */
function objectsIn(value: unknown): readonly unknown[] | string {
  const objects = Array.isArray(value) ? (value as unknown[]) : [value]
  if (objects.length === 0) return 'an empty array'
  return objects.length > MAX_TELEMETRY_OBJECTS ? `${objects.length} objects; at most ${MAX_TELEMETRY_OBJECTS} in one message` : objects
}
