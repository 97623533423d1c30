import type { SignalName } from '@vigil/contract/catalogue'
import type { AbsenceReason, QuestionReason } from '@vigil/contract/quality'

/** Streams a sensor samples too fast for one value at a time, with the unit of each. */
export const channels = {
  /** 18-bit counts of reflected light; more blood is fewer counts. */
  red: '{count}',
  ir: '{count}',
  green: '{count}',
  /** Absolute pressure inside the mask and of the room: breathing is their difference. */
  mask_pressure: 'Pa',
  ambient_pressure: 'Pa',
  /** Pressure inside the mask above that of the room, from one sensor that feels both. */
  mask_gauge: 'Pa',
} as const

export type Channel = keyof typeof channels

/** One value now, in the catalogue's unit. */
export interface ValueReading {
  readonly kind: 'value'
  readonly signal: SignalName
  readonly value: number
  readonly question?: QuestionReason
  /** How long the value holds when the chip measures more rarely than once a second. */
  readonly standsMs?: number
}

/** A value or stream that could not be had: said, never left out. */
export interface AbsentReading {
  readonly kind: 'absent'
  readonly of: SignalName | Channel
  readonly reason: AbsenceReason
}

/** Why a block does not follow the one before it. */
export type GapCause = 'overflow' | 'brown-out' | 'stalled' | 'bus-fault' | 'led-current' | 'late'

/** Samples that were never had, just before a block. */
export interface Gap {
  readonly why: GapCause
  /** Samples missing, from the time that passed; 0 when the stream only restarted. */
  readonly lost: number
}

/** Evenly spaced samples of one channel. */
export interface BlockReading {
  readonly kind: 'block'
  readonly channel: Channel
  readonly hz: number
  /** When the first sample was taken, in milliseconds of `clock.monotonic()`, so that a stepped wall clock tears no waveform. */
  readonly t0Ms: number
  readonly values: Float32Array
  /** Set when this block does not continue the last one of its channel. */
  readonly gap?: Gap
}

export type Reading = ValueReading | AbsentReading | BlockReading

export const absent = (of: SignalName | Channel, reason: AbsenceReason): AbsentReading => ({ kind: 'absent', of, reason })
