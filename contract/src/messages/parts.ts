import Type from 'typebox'
import { absenceReasons, questionReasons } from '../quality.ts'

/** Epoch: names one unbroken sequence of a device. Any 1 to 32 letters, digits, `_`, `-`; ours are eight hex digits. */
export const Epoch = Type.String({ pattern: '^[A-Za-z0-9_-]{1,32}$', description: 'Epoch of the device sequence' })

/** Sequence number: 1, 2, 3 … within an epoch. */
export const Sequence = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Sequence number in the epoch, from 1' })

/** Milliseconds since the Unix epoch, UTC. Any integer is readable; whether it is believable is judged on arrival. */
export const TimeMs = Type.Integer({ minimum: -8_640_000_000_000_000, maximum: 8_640_000_000_000_000, description: 'Milliseconds since the Unix epoch, UTC' })

export const UptimeMs = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Milliseconds since the board started' })

export const RangeSchema = Type.Tuple([Sequence, Sequence], { description: 'Inclusive range of sequence numbers' })

/** Wire names are open: an unknown name is stored raw and shown as unmapped. */
export const wireNamePattern = '^[A-Za-z][A-Za-z0-9_]{0,31}$'

export const Question = Type.Union(questionReasons.map((r) => Type.Literal(r)), { description: 'Why a value is questionable' })
export const Absence = Type.Union(absenceReasons.map((r) => Type.Literal(r)), { description: 'Why a value could not be had' })
