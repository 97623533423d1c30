import type { Signal } from '../catalogue.ts'
import { matchCode } from './codes.ts'
import type { SourcePatient } from './observation.ts'
import { type FieldValue, writeMessage, writeSegment } from './segment-writer.ts'
import { writeTime } from './time.ts'

/** Who writes a message to whom. */
export interface WriterIdentity {
  /** MSH-3, our name at the receiver. */
  readonly application: string
  /** EUI-64 of the sender, 16 hexadecimal digits, where it has one. */
  readonly applicationId?: string
  /** MSH-4 */
  readonly facility: string
  /** MSH-5 and 6 */
  readonly receivingApplication: string
  readonly receivingFacility: string
}

export interface SignalValue {
  readonly signal: Signal
  readonly value: number
  readonly timeMs: number
  /** OBX-4, where in the tree of the device (MDS.VMD.CHAN.METRIC); otherwise all are metrics of one channel. */
  readonly place?: string
}

/** Samples one after another, as many a second as `rateHz` says. */
export interface WaveformOut {
  /** Of IEEE 11073-10101. */
  readonly code: readonly [code: string, refid: string]
  /** OBX-4; its rate is told below it. */
  readonly place: string
  readonly rateHz: number
  /** When the first was measured. */
  readonly timeMs: number
  readonly samples: readonly number[]
}

export interface ObservationsOut extends WriterIdentity {
  readonly controlId: string
  readonly atMs: number
  /** P for patients' data, T for everything else. */
  readonly processing: 'P' | 'T'
  readonly patient: SourcePatient
  readonly assigner?: Assigner
  /** Name of the device that measured. */
  readonly device: string
  /** Its EUI-64, 16 hexadecimal digits, where it has one. */
  readonly equipment?: string
  readonly values: readonly SignalValue[]
  readonly waveforms?: readonly WaveformOut[]
}

/** Whose number PID-3 is, and what kind of number (table 0203). */
export type Assigner = readonly [authority: string, type: string]
const OURS: Assigner = ['VIGIL', 'MR']

/** Profiles of IHE PCD TF-2 as MSH-21 names them. */
export const PROFILES = {
  observations: ['IHE_PCD_001', 'IHE PCD', '1.3.6.1.4.1.19376.1.6.1.1.1', 'ISO'],
  alarms: ['IHE_PCD_ACM_001', 'IHE PCD', '1.3.6.1.4.1.19376.1.6.1.4.1', 'ISO'],
} as const

/** Units of the catalogue in the nomenclature of IEEE 11073-10101, partition 4. */
const MDC_UNITS: Readonly<Record<string, readonly [code: number, refid: string]>> = {
  '%': [262_688, 'MDC_DIM_PERCENT'],
  '/min': [264_864, 'MDC_DIM_BEAT_PER_MIN'],
  'mm[Hg]': [266_016, 'MDC_DIM_MMHG'],
  'cm[H2O]': [266_048, 'MDC_DIM_CM_H2O'],
  Cel: [268_192, 'MDC_DIM_DEGC'],
  '[ppm]': [262_752, 'MDC_DIM_PARTS_PER_MILLION'],
  '[ppb]': [262_816, 'MDC_DIM_PARTS_PER_BILLION'],
  hPa: [265_986, 'MDC_DIM_HECTO_PASCAL'],
  kg: [263_875, 'MDC_DIM_KILO_G'],
  cm: [263_441, 'MDC_DIM_CENTI_M'],
  'mg/dL': [264_274, 'MDC_DIM_MILLI_G_PER_DL'],
}
const HERTZ = ['264640', 'MDC_DIM_HZ', 'MDC'] as const
/** Breaths have a unit of their own there. */
const BREATHS: readonly [number, string] = [264_928, 'MDC_DIM_RESP_PER_MIN']

/**
 * What one device measured of one patient as ORU^R01 (IHE PCD-01, HL7 v2.6): the tree of its parts, a row per value, then
 * two per waveform. A signal without a code of MDC or LOINC has none to be told by, and is left out.
 */
export function writeObservations({ controlId, atMs, device, equipment, values, waveforms = [], assigner, ...about }: ObservationsOut): string {
  const time = writeTime(atMs)
  const sender = senderOf(about)
  const measuredBy = equipment === undefined ? device : [device, '', equipment, 'EUI-64']
  let row = 0
  const obx = (fields: Readonly<Record<number, FieldValue>>): string => writeSegment('OBX', { 1: ++row, ...fields })
  const coded = values.flatMap((value) => {
    const code = codeFor(value.signal)
    return code ? [{ ...value, code }] : []
  })
  return writeMessage([
    headerSegment({ ...about, controlId, atMs, type: ['ORU', 'R01', 'ORU_R01'], profile: PROFILES.observations }),
    ...patientSegments(about.patient, assigner),
    writeSegment('OBR', { 1: 1, 2: [controlId, ...sender], 3: [controlId, ...sender], 4: ['182777000', 'monitoring of patient', 'SCT'], 7: time }),
    obx({ 3: ['69965', 'MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS', 'MDC'], 4: '1.0.0.0', 11: 'X', 18: measuredBy }),
    ...coded.map(({ signal, value, timeMs, code, place }, i) => obx({ 2: 'NM', 3: code, 4: place ?? `1.1.1.${i + 1}`, 5: value, 6: unitFor(signal), 11: 'R', 14: writeTime(timeMs), 18: measuredBy })),
    ...waveforms.flatMap(({ code, place, rateHz, timeMs, samples }) => [
      obx({ 2: 'NA', 3: [...code, 'MDC'], 4: place, 5: samples, 11: 'R', 14: writeTime(timeMs), 18: measuredBy }),
      obx({ 2: 'NM', 3: ['0', 'MDC_ATTR_SAMP_RATE', 'MDC'], 4: `${place}.1`, 5: rateHz, 6: HERTZ, 11: 'R' }),
    ]),
  ])
}

export interface HeaderParts extends WriterIdentity {
  readonly controlId: string
  readonly atMs: number
  readonly processing: 'P' | 'T'
  readonly type: readonly string[]
  readonly profile: readonly string[]
}

/** Accept acknowledgement wanted, no application acknowledgement: the receiver says that it has it. */
export function headerSegment({ facility, receivingApplication, receivingFacility, controlId, atMs, processing, type, profile, ...sender }: HeaderParts): string {
  return writeSegment('MSH', { 3: senderOf(sender), 4: facility, 5: receivingApplication, 6: receivingFacility, 7: writeTime(atMs), 9: type, 10: controlId, 11: processing, 12: '2.6', 15: 'AL', 16: 'NE', 18: 'UNICODE UTF-8', 21: profile })
}

/** A name alone, or with the EUI-64 that makes it the only one of its kind (type HD). */
function senderOf({ application, applicationId }: Pick<WriterIdentity, 'application' | 'applicationId'>): readonly string[] {
  return applicationId === undefined ? [application] : [application, applicationId, 'EUI-64']
}

export function patientSegments({ identifier, family, given, location }: SourcePatient, assigner: Assigner = OURS): readonly string[] {
  const name = family === '' && given === '' ? undefined : [family, given, '', '', '', '', 'L']
  return [writeSegment('PID', { 3: [identifier ?? '', '', '', ...assigner], 5: name }), writeSegment('PV1', { 2: 'I', 3: [...location] })]
}

/** The code a reader of the same nomenclature takes for this very signal: some codes of the catalogue belong to two. */
export function codeFor(signal: Signal): FieldValue {
  const mdc = signal.mdc.map(({ code, refid }) => ({ code: String(code), name: refid.split(' ')[0] ?? refid, system: 'MDC' })).find(means(signal))
  if (mdc) return [mdc.code, mdc.name, mdc.system]
  const loinc = signal.loinc.map(({ code, display }) => ({ code, name: display, system: 'LN' })).find(means(signal))
  return loinc && [loinc.code, loinc.name, loinc.system]
}

function means(signal: Signal): (code: { code: string; name: string; system: string }) => boolean {
  return (code) => {
    const match = matchCode(code)
    return match.kind === 'signal' && match.signal === signal
  }
}

export function unitFor({ name, ucum }: Signal): FieldValue {
  const unit = name === 'rr' ? BREATHS : MDC_UNITS[ucum]
  return unit ? [unit[0], unit[1], 'MDC', ucum, ucum, 'UCUM'] : [ucum, ucum, 'UCUM']
}
