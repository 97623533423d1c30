import type { AbsenceReason, QuestionReason } from '@vigil/contract/quality'
import type { Reading } from '../sensors/reading.ts'

/** What is known at the end of one second, as it goes on the wire: values, questionable ones, absent ones, quality. */
export interface Measurement {
  readonly m: Readonly<Record<string, number>>
  readonly q: Readonly<Record<string, QuestionReason>>
  readonly x: Readonly<Record<string, AbsenceReason>>
  readonly sq: Readonly<Record<string, number>>
}

/** Turns streams of samples into values. */
export interface VitalSigns {
  push(reading: Reading): void
  /** The values of the second that ends now; called once a second. Never an older value again. */
  second(nowMs: number): Measurement & { readonly apnoea?: boolean; readonly ratio?: number | undefined }
}

export const nothingMeasured: Measurement = { m: {}, q: {}, x: {}, sq: {} }

/** One measurement of several; where two speak of the same signal, the later one is heard. */
export function joined(parts: readonly Measurement[]): Measurement {
  return {
    m: Object.assign({}, ...parts.map((part) => part.m)) as Measurement['m'],
    q: Object.assign({}, ...parts.map((part) => part.q)) as Measurement['q'],
    x: Object.assign({}, ...parts.map((part) => part.x)) as Measurement['x'],
    sq: Object.assign({}, ...parts.map((part) => part.sq)) as Measurement['sq'],
  }
}

/** Steps finer than these carry no information of any sensor and only cost bytes. */
const DIGITS = 2

/** The fields of a telemetry object; empty remarks are left out. */
export function telemetryFields({ m, q, x, sq }: Measurement): Record<string, unknown> {
  const rounded = Object.fromEntries(Object.entries(m).map(([name, value]) => [name, Number(value.toFixed(DIGITS))]))
  // Full quality is what a reader expects; only less is worth its bytes on a card and in the air.
  const quality = Object.fromEntries(Object.entries(sq).map(([name, value]) => [name, Math.round(value)] as const).filter(([, value]) => value < 100))
  return { m: rounded, ...present('q', q), ...present('x', x), ...present('sq', quality) }
}

function present(name: string, remarks: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.keys(remarks).length > 0 ? { [name]: remarks } : {}
}
