import Type, { type TSchema } from 'typebox'

export const EPOCH = /^[A-Za-z0-9_-]{1,32}$/
export const SEQUENCE_BOUNDS = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const
export const TIME_BOUNDS = { minimum: -8_640_000_000_000_000, maximum: 8_640_000_000_000_000 } as const

/** Epoch: names one unbroken sequence of a device. Any 1 to 32 letters, digits, `_`, `-`; ours are eight hex digits. */
export const Epoch = Type.String({ pattern: EPOCH.source, description: 'Epoch of the device sequence' })

/** Sequence number: 1, 2, 3 … within an epoch. */
export const Sequence = Type.Integer({ ...SEQUENCE_BOUNDS, description: 'Sequence number in the epoch, from 1' })

/** Milliseconds since the Unix epoch, UTC. Any integer is readable; whether it is believable is judged on arrival. */
export const TimeMs = Type.Integer({ ...TIME_BOUNDS, description: 'Milliseconds since the Unix epoch, UTC' })

export const UptimeMs = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Milliseconds since the board started' })

export const RangeSchema = Type.Tuple([Sequence, Sequence], { description: 'Inclusive range of sequence numbers' })

/** Values by wire name. Names are open: an unknown one is stored raw and shown as unmapped. */
export function byWireName<S extends TSchema>(schema: S, options: { description?: string } = {}) {
  return Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,31}$' }), schema, { ...options, additionalProperties: false })
}

/**
 * A remark on a value. The known ones are in quality.ts; one this version does not know must not cost the value it
 * stands beside, so any short word is readable and is judged on arrival.
 */
export const Remark = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,31}$', description: 'Reason: off, warmup, fault, disabled, low, motion, range, calibrating …' })
