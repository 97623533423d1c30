import { type SignalName, signalByCode, wireSignals } from './catalogue.ts'

/** A value that is there but questionable (`q` on the wire). */
export const questionReasons = ['low', 'motion', 'range', 'calibrating'] as const
/**
 * A value that could not be had (`x` on the wire). `implausible` is given by the server, never by a device. `motion`: hidden by
 * movement; `weak`: the pulse is too small to measure. Stored by position: new ones go to the end.
 */
export const absenceReasons = ['off', 'warmup', 'fault', 'disabled', 'no-lock', 'saturated', 'swapped', 'no-ambient', 'implausible', 'motion', 'weak'] as const

export type QuestionReason = (typeof questionReasons)[number]
export type AbsenceReason = (typeof absenceReasons)[number]

export interface SampleQuality {
  readonly q?: Readonly<Partial<Record<SignalName, QuestionReason>>>
  readonly x?: Readonly<Partial<Record<SignalName, AbsenceReason>>>
  /** 0..100 per value. */
  readonly sq?: Readonly<Partial<Record<SignalName, number>>>
}

// Second byte of a pair: 0..100 signal quality, 110.. questionable, 150.. absent.
const QUESTION_BASE = 110
const ABSENCE_BASE = 150

/**
 * Quality of one sample as byte pairs `(signal code, what)`, so a row costs two bytes per remark instead of JSON.
 * `undefined` when there is nothing to say.
 */
export function packQuality({ q = {}, x = {}, sq = {} }: SampleQuality): Uint8Array | undefined {
  const bytes: number[] = []
  const add = (name: string, what: number) => bytes.push(wireSignals[name as SignalName][0], what)
  for (const name in sq) add(name, Math.round(sq[name as SignalName] as number))
  for (const name in q) add(name, QUESTION_BASE + questionReasons.indexOf(q[name as SignalName] as QuestionReason))
  for (const name in x) add(name, ABSENCE_BASE + absenceReasons.indexOf(x[name as SignalName] as AbsenceReason))
  return bytes.length === 0 ? undefined : Uint8Array.from(bytes)
}

/** The inverse of `packQuality`; pairs with codes this version does not know are left out. */
export function unpackQuality(bytes: Uint8Array = new Uint8Array()): SampleQuality {
  const q: Partial<Record<SignalName, QuestionReason>> = {}
  const x: Partial<Record<SignalName, AbsenceReason>> = {}
  const sq: Partial<Record<SignalName, number>> = {}
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const name = signalByCode(bytes[i] as number)?.name
    const what = bytes[i + 1] as number
    if (!name) continue
    const absence = absenceReasons[what - ABSENCE_BASE]
    const question = questionReasons[what - QUESTION_BASE]
    if (what <= 100) sq[name] = what
    else if (absence) x[name] = absence
    else if (question) q[name] = question
  }
  return { q, x, sq }
}
