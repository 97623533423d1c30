import { type Message, messageType, segment } from './message.ts'
import { readPatient } from './patient.ts'
import { readTime } from './time.ts'

/** What a hospital tells of its patients: admitted, discharged, changed, two records made one (HL7 v2.5.1 §3.3). */
export const admissionEvents = ['A01', 'A03', 'A08', 'A40'] as const
export type AdmissionEvent = (typeof admissionEvents)[number]

export interface AdmissionNotice {
  readonly event: AdmissionEvent
  /** When it happened there, else when it was recorded, else when the message was made; `undefined` when none can be read. */
  readonly atMs: number | undefined
  /** PID-3, the record number first; `undefined` when it names none. */
  readonly identifier: string | undefined
  readonly family: string
  readonly given: string
  /** `YYYY-MM-DD` */
  readonly birthDate: string | undefined
  readonly sex: 'female' | 'male' | 'other' | 'unknown' | undefined
  /** PV1-3, from ward to bed. */
  readonly location: readonly string[]
  /** PV1-19 */
  readonly visit: string
  /** PV2-3, else DG1-4 or DG1-3. */
  readonly reason: string
  /** MRG-1: the number that is no more, of an A40. */
  readonly merged: string
}

const SEXES: Readonly<Record<string, AdmissionNotice['sex']>> = { F: 'female', M: 'male', O: 'other', A: 'other', U: 'unknown' }
/** What the fields of a person may hold in the database, and in the API. */
const LIMITS = { identifier: 64, name: 100, text: 500 } as const

/**
 * Reads ADT^A01, A03, A08 or A40; `undefined` for another message.
 * @param offsetMinutes zone of stamps that name none
 */
export function readAdmission(message: Message, offsetMinutes = 0): AdmissionNotice | undefined {
  const { type, event } = messageType(message)
  const known = admissionEvents.find((name) => name === event)
  if (type !== 'ADT' || known === undefined) return undefined
  const said = (name: string, field: number): string => segment(message, name)?.text(field) ?? ''
  const { identifier, family, given, location } = readPatient(segment(message, 'PID'), segment(message, 'PV1'))
  return {
    event: known,
    atMs: happenedAt(message, known, offsetMinutes),
    identifier: identifier === undefined ? undefined : plain(identifier, LIMITS.identifier),
    family: named(family),
    given: named(given),
    birthDate: dayOf(said('PID', 7)),
    sex: SEXES[said('PID', 8).trim().toUpperCase()],
    location: location.map((part) => plain(part, LIMITS.identifier)).slice(0, 8),
    visit: plain(said('PV1', 19), LIMITS.identifier),
    reason: plain(reasonOf(message), LIMITS.text),
    merged: plain(said('MRG', 1), LIMITS.identifier),
  }
}

function happenedAt(message: Message, event: AdmissionEvent, offsetMinutes: number): number | undefined {
  const [evn, pv1] = [segment(message, 'EVN'), segment(message, 'PV1')]
  const own = event === 'A01' ? pv1?.text(44) : event === 'A03' ? pv1?.text(45) : undefined
  const stamps = [own, evn?.text(6), evn?.text(2), message.header.text(7)]
  return stamps.map((stamp) => readTime(stamp ?? '', offsetMinutes)?.ms).find((ms) => ms !== undefined)
}

function reasonOf(message: Message): string {
  const [pv2, dg1] = [segment(message, 'PV2'), segment(message, 'DG1')]
  return [pv2?.text(3, 2), pv2?.text(3, 1), dg1?.text(4), dg1?.text(3, 2)].find((text) => text !== undefined && text.trim() !== '') ?? ''
}

/** The day of a birth date, without its time: `00000000` and a year alone name none. */
function dayOf(text: string): string | undefined {
  const digits = /^(\d{8})/.exec(text.trim())?.[1]
  const ms = digits === undefined ? undefined : readTime(digits)?.ms
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 10)
}

/** `""` is how HL7 says that something is to be empty: for a name it is none. */
function named(text: string): string {
  return text.trim() === '""' ? '' : plain(text, LIMITS.name)
}

function plain(text: string, most: number): string {
  return text.replace(/\p{Cc}+/gu, ' ').toWellFormed().trim().slice(0, most).toWellFormed()
}
