import type { SignalName } from '@vigil/contract/catalogue'
import type { AbsenceReason, QuestionReason } from '@vigil/contract/quality'
import type { Reading } from '../sensors/reading.ts'
import type { Estimate } from '../signals/maths/estimate.ts'
import type { Measurement } from './measurement.ts'

/** Values that sensors give by themselves, such as a temperature. */
export interface DirectValues {
  push(reading: Reading, nowMs: number): void
  /** How often sensors are read; a value is known for three times that. */
  setInterval(ms: number): void
  /** What is known now. A value that was not read anew is not repeated: it becomes an absence. */
  now(nowMs: number): Measurement
}

interface Known {
  readonly atMs: number
  readonly value?: number | undefined
  readonly question?: QuestionReason | undefined
  readonly reason?: AbsenceReason | undefined
  readonly standsMs?: number | undefined
}

const USUAL_INTERVAL_MS = 1_000
/** Three missed values are a fault. */
const OUTDATED_AFTER_INTERVALS = 3

export interface DirectValuesOptions {
  /** Names of streams, whose absence is not that of a value. */
  readonly channels: ReadonlySet<string>
  /** What a value read from a sensor means. */
  readonly judge: (signal: SignalName, value: number, atMs: number) => Estimate
}

export function createDirectValues({ channels, judge }: DirectValuesOptions): DirectValues {
  const known = new Map<string, Known>()
  let outdatedAfterMs = OUTDATED_AFTER_INTERVALS * USUAL_INTERVAL_MS
  return {
    setInterval(ms) {
      outdatedAfterMs = OUTDATED_AFTER_INTERVALS * Math.max(ms, USUAL_INTERVAL_MS)
    },
    push(reading, nowMs) {
      if (reading.kind === 'value') {
        const { value, question, absent } = judge(reading.signal, reading.value, nowMs)
        known.set(reading.signal, { atMs: nowMs, value, question: reading.question ?? question, reason: absent, standsMs: reading.standsMs })
      } else if (reading.kind === 'absent' && !channels.has(reading.of)) known.set(reading.of, { atMs: nowMs, reason: reading.reason })
    },
    now(nowMs) {
      const m: Record<string, number> = {}
      const q: Record<string, QuestionReason> = {}
      const x: Record<string, AbsenceReason> = {}
      for (const [signal, { atMs, value, question, reason, standsMs = 0 }] of known) {
        if (value === undefined || nowMs - atMs > Math.max(standsMs, outdatedAfterMs)) x[signal] = reason ?? 'fault'
        else {
          m[signal] = value
          if (question) q[signal] = question
        }
      }
      return { m, q, x, sq: {} }
    },
  }
}
