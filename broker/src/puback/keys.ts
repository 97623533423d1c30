import { type Channel, checker, Epoch, MAX_TELEMETRY_BYTES, MAX_TELEMETRY_OBJECTS, Sequence } from '@vigil/contract'
import { parsePayload } from '@vigil/contract/messages/parse-payload'

const checkEpoch = checker(Epoch)
const checkSequence = checker(Sequence)

/**
 * Numbers by epoch that a bridge will answer for, of a message with telemetry or an event. It reads as the bridge does: what the bridge lays aside whole no receipt
 * ever covers, and whoever waited for one would be held up by it for ever.
 */
export function receiptedKeys(channel: Channel, payload: Buffer): Map<string, number[]> {
  const numbers = new Map<string, number[]>()
  if (payload.length > MAX_TELEMETRY_BYTES) return numbers
  const parsed = parsePayload(payload.toString('utf8'))
  if (!parsed.ok) return parsed.key ? numbers.set(parsed.key.epoch, [parsed.key.seq]) : numbers
  for (const object of objectsIn(channel, parsed.value)) {
    if (typeof object !== 'object' || object === null) continue
    const { e, s } = object as { e?: unknown; s?: unknown }
    const [epoch, sequence] = [checkEpoch(e), checkSequence(s)]
    if (!epoch.ok || !sequence.ok) continue
    const known = numbers.get(epoch.value) ?? []
    known.push(sequence.value)
    numbers.set(epoch.value, known)
  }
  return numbers
}

/** Events come one by one; an array with more objects than a message may have is none. */
function objectsIn(channel: Channel, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value]
  return channel === 'event' || value.length > MAX_TELEMETRY_OBJECTS ? [] : value
}
