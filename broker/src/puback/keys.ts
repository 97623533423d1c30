import { checker, Epoch, Sequence, MAX_TELEMETRY_OBJECTS } from '@vigil/contract'

const checkEpoch = checker(Epoch)
const checkSequence = checker(Sequence)

/** The `(e, s)` of a telemetry object, an array of them, or an event: sequence numbers by epoch. Whatever else it holds is not looked at. */
export function readKeys(payload: unknown): Map<string, number[]> {
  const numbers = new Map<string, number[]>()
  const objects: unknown[] = Array.isArray(payload) ? payload.slice(0, MAX_TELEMETRY_OBJECTS) : [payload]
  for (const object of objects) {
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
