import { createTopicReader, MAX_TELEMETRY_BYTES, MAX_TELEMETRY_OBJECTS, type DeviceAddress, type ErrorCode } from '@vigil/contract'
import { type Numbered } from './item.ts'
import { parsePayload } from './parse-payload.ts'

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
  | { readonly what: 'telemetry'; readonly lane: 'live' | 'backlog'; readonly address: DeviceAddress; readonly objects: readonly unknown[] }
  | { readonly what: 'event'; readonly address: DeviceAddress; readonly value: unknown }
  | { readonly what: 'dead'; readonly address?: DeviceAddress; readonly code: ErrorCode; readonly reason: string; readonly key?: Numbered | undefined }

/** Opens a message as far as what it holds can be judged one by one. */
export function openMessage({ topic, payload }: Arrival): Opened {
  const parsedTopic = topicParts(topic)
  if (!parsedTopic) return { what: 'dead', code: 'INVALID_MESSAGE', reason: 'the topic is not one of a device' }
  const { channel } = parsedTopic
  // One object for all messages of a topic, so that what is known of a device can be found by it.
  const address: DeviceAddress = parsedTopic
  const dead = (code: ErrorCode, reason: string, key?: Numbered): Opened => ({ what: 'dead', address, code, reason, key })
  if (payload.length > MAX_TELEMETRY_BYTES) return dead('MESSAGE_TOO_LARGE', `${payload.length} bytes; at most ${MAX_TELEMETRY_BYTES} in one message`)
  const parsed = parsePayload(payload)
  if (!parsed.ok) return dead('MALFORMED_JSON', parsed.reason, parsed.key)
  if (channel === 'event') return { what: 'event', address, value: parsed.value }
  if (channel !== 'tele' && channel !== 'backlog') return dead('INVALID_MESSAGE', `nothing on ${channel} is stored here`)
  const objects = Array.isArray(parsed.value) ? (parsed.value as unknown[]) : [parsed.value]
  if (objects.length === 0) return dead('INVALID_TELEMETRY', 'an empty array')
  if (objects.length > MAX_TELEMETRY_OBJECTS) return dead('MESSAGE_TOO_LARGE', `${objects.length} objects; at most ${MAX_TELEMETRY_OBJECTS} in one message`)
  return { what: 'telemetry', lane: channel === 'tele' ? 'live' : 'backlog', address, objects }
}
