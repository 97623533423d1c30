import { type AbsenceReason, type QuestionReason } from '@vigil/contract/quality'
import { type Reading } from '../sensors/reading.ts'
import { type Measurement } from './measurement.ts'

/** Values that sensors give by themselves, such as a temperature. */
export interface DirectValues {
  push(reading: Reading, nowMs: number): void
  /** What is known now. A value that was not read anew is not repeated: it becomes an absence. */
  now(nowMs: number): Measurement
}

type Known = { readonly atMs: number; readonly value?: number; readonly question?: QuestionReason; readonly reason?: AbsenceReason }

/** Sensors give a value a second; three missed ones are a fault. */
const OUTDATED_AFTER_MS = 3_000

/** @param channels names of streams, whose absence is not that of a value. */
export function createDirectValues(channels: ReadonlySet<string>): DirectValues {
  const known = new Map<string, Known>()
  return {
    push(reading, nowMs) {
      if (reading.kind === 'value') known.set(reading.signal, { atMs: nowMs, value: reading.value, ...(reading.question && { question: reading.question }) })
      else if (reading.kind === 'absent' && !channels.has(reading.of)) known.set(reading.of, { atMs: nowMs, reason: reading.reason })
    },
    now(nowMs) {
      const m: Record<string, number> = {}
      const q: Record<string, QuestionReason> = {}
      const x: Record<string, AbsenceReason> = {}
      for (const [signal, { atMs, value, question, reason }] of known) {
        const outdated = nowMs - atMs > OUTDATED_AFTER_MS
        if (value === undefined || outdated) x[signal] = reason ?? 'fault'
        else {
          m[signal] = value
          if (question) q[signal] = question
        }
      }
      return { m, q, x, sq: {} }
    },
  }
}
