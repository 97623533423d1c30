import { AppError } from '@vigil/contract'
import { codeOf, readMessage, readTime, type Segment } from '@vigil/contract/hl7/index'

/** One row as the HL7 receiver for IHP writes it, with what it meant to write. */
export interface IhpRecord {
  /** When measured: OBX-14, else OBR-7, else MSH-7. */
  readonly Timestamp: string
  /** OBX-3. */
  readonly ObservationID: string
  readonly ObservationValue: string
  readonly Units: string
  readonly ReferenceRange: string
  readonly AbnormalFlags: string
}

export interface IhpDocument {
  readonly PatientInfo: { readonly PatientID: string; readonly PatientName: string; readonly DateOfBirth: string; readonly Sex: string }
  readonly Records: readonly IhpRecord[]
}

export interface IhpPatient {
  readonly identifier: string
  readonly familyName: string
  readonly givenName: string
  readonly birthDate: string | null
  readonly sex: string | null
}

/** Rows of one patient from messages as they came, every OBX with a value, newest first. */
export function recordsOf(messages: readonly { readonly raw: Uint8Array; readonly receivedMs: number }[], patientId: string): readonly IhpRecord[] {
  const dated = messages.flatMap(({ raw, receivedMs }) => rowsOf(raw, patientId, receivedMs))
  return dated.sort((a, b) => b.atMs - a.atMs).map(({ record }) => record)
}

function rowsOf(raw: Uint8Array, patientId: string, receivedMs: number): { atMs: number; record: IhpRecord }[] {
  const reading = readMessage(raw)
  if (!reading.ok) return []
  const { header, segments } = reading.message
  let mine = false
  let obr: Segment | undefined
  return segments.flatMap((segment) => {
    if (segment.name === 'PID') mine = segment.texts(3).some((text) => text.trim() === patientId)
    if (segment.name === 'OBR') obr = segment
    const value = segment.name === 'OBX' && mine ? segment.wholeText(5) : ''
    if (value === '') return []
    const atMs = [segment.text(14), obr?.text(7) ?? '', header.text(7)].map((stamp) => readTime(stamp)?.ms).find((ms) => ms !== undefined) ?? receivedMs
    return [{ atMs, record: recordOf(segment, value, atMs) }]
  })
}

function recordOf(obx: Segment, value: string, atMs: number): IhpRecord {
  const { code, name } = codeOf(obx)
  return {
    Timestamp: new Date(atMs).toISOString(),
    ObservationID: name === '' ? code : `${code}^${name}`,
    ObservationValue: value,
    Units: obx.text(6, 5) || obx.text(6, 1),
    ReferenceRange: obx.wholeText(7),
    AbnormalFlags: obx.text(8),
  }
}

export function documentOf(patient: IhpPatient, records: readonly IhpRecord[]): IhpDocument {
  const { identifier, familyName, givenName, birthDate, sex } = patient
  return {
    PatientInfo: { PatientID: identifier, PatientName: `${givenName} ${familyName}`.trim().toUpperCase(), DateOfBirth: birthDate ?? '', Sex: sex === 'female' ? 'Female' : sex === 'male' ? 'Male' : '' },
    Records: records,
  }
}

const IHP_ID = /^(\d{1,3})-(\d{1,2})-(\d{1,4})$/

/** The number after the highest there is: 999-99-9999 is the last. @throws AppError ALREADY_EXISTS when there is none left */
export function nextIhpId(taken: readonly string[]): string {
  const weights = taken.flatMap((id) => {
    const parts = IHP_ID.exec(id)
    return parts ? [Number(parts[1]) * 1_000_000 + Number(parts[2]) * 10_000 + Number(parts[3])] : []
  })
  const next = Math.max(-1, ...weights) + 1
  if (next > 999_999_999) throw new AppError('ALREADY_EXISTS', 'Every number of this form is taken.')
  const pad = (n: number, digits: number) => String(n).padStart(digits, '0')
  return `${pad(Math.floor(next / 1_000_000), 3)}-${pad(Math.floor(next / 10_000) % 100, 2)}-${pad(next % 10_000, 4)}`
}
