import type { AbsenceReason, QuestionReason, Signal, SignalName } from '@vigil/contract'
import { field, iso } from '../../iso.ts'
import { codingsOf, groupByKey, type ObservationGroup } from './observation-groups.ts'
import { type FhirResource, metaOf, toFhirId } from './resource.ts'
import { DATA_ABSENT, OBSERVATION_CATEGORY, UCUM, VIGIL_ABSENCE } from './systems.ts'

/** One stored row of a device, whoever it belongs to. Times in ms since the Unix epoch. */
export interface SampleFacts {
  readonly deviceNo: number
  readonly deviceId: string
  /** With `seq` the row's name for ever: the ledger counts it exactly once. */
  readonly ledgerNo: number
  readonly seq: number
  readonly atMs: number
  readonly receivedMs: number
  /** The device's clock was not believed; `atMs` is when the row arrived. */
  readonly isClockSuspect: boolean
  readonly values: Readonly<Partial<Record<SignalName, number>>>
  readonly questions: Readonly<Partial<Record<SignalName, QuestionReason>>>
  readonly absences: Readonly<Partial<Record<SignalName, AbsenceReason>>>
}

/** Whose it is, by the monitoring interval it was measured in. */
export interface SampleOwner {
  readonly patientId: string
  readonly stayId: string
  /** A mistaken link that is corrected makes another version of the same Observation. */
  readonly intervalId: string
  /** The whole of that interval, whatever part of it is asked for. */
  readonly linkedFromMs: number
  readonly linkedToMs: number
  readonly isTest: boolean
}

export interface SampleName {
  readonly deviceNo: number
  readonly atMs: number
  readonly ledgerNo: number
  readonly seq: number
  readonly group: ObservationGroup
}

/** Id of what a row says about one group: names the row, so the same row has the same id for ever. */
export function sampleId(sample: Pick<SampleFacts, 'deviceNo' | 'atMs' | 'ledgerNo' | 'seq'>, key: string): string {
  return ['s', sample.deviceNo, sample.atMs.toString(36), sample.ledgerNo, sample.seq, key].join('.')
}

/** The inverse; `undefined` for an id of something else. */
export function parseSampleId(id: string): SampleName | undefined {
  const match = /^s\.(\d{1,9})\.([0-9a-z]{1,9})\.(\d{1,9})\.(\d{1,16})\.([a-z0-9]{1,12})$/.exec(id)
  const group = match && groupByKey(match[5] as string)
  if (!match || !group) return undefined
  return { deviceNo: Number(match[1]), atMs: Number.parseInt(match[2] as string, 36), ledgerNo: Number(match[3]), seq: Number(match[4]), group }
}

/** Whether the row holds anything about the group: a value, or the reason why there is none. */
export function saysAnything(group: ObservationGroup, { values, absences }: SampleFacts): boolean {
  return group.signals.some(({ name }) => values[name] !== undefined || absences[name] !== undefined)
}

/** `unknown`, `error` …: FHIR's few words for why there is no value; ours stands beside it. */
const ABSENT: Readonly<Record<AbsenceReason, string>> = {
  off: 'not-performed', disabled: 'not-performed', warmup: 'temp-unknown', 'no-lock': 'temp-unknown', motion: 'temp-unknown', weak: 'temp-unknown',
  fault: 'error', saturated: 'error', swapped: 'error', 'no-ambient': 'error', implausible: 'error',
}
const ABSENT_WORDS: Readonly<Record<string, string>> = { 'not-performed': 'Not Performed', 'temp-unknown': 'Temporarily Unknown', error: 'Error', unknown: 'Unknown' }

export function dataAbsentReason(reason: AbsenceReason | undefined): object {
  const code = reason === undefined ? 'unknown' : ABSENT[reason]
  const own = reason === undefined ? [] : [{ system: VIGIL_ABSENCE, code: reason }]
  return { coding: [{ system: DATA_ABSENT, code, display: ABSENT_WORDS[code] }, ...own], ...field('text', reason) }
}

export function quantity(value: number, ucum: string, unit = ucum): object {
  return { value, unit, system: UCUM, code: ucum }
}

export function category(code: string): object[] {
  return [{ coding: [{ system: OBSERVATION_CATEGORY, code }] }]
}

/** One row's word about one group; `undefined` when it has none. */
export function observationOf(group: ObservationGroup, sample: SampleFacts, owner: SampleOwner): FhirResource | undefined {
  if (!saysAnything(group, sample)) return undefined
  const questions = group.signals.flatMap(({ name }) => sample.questions[name] ?? [])
  const notes = [
    ...[...new Set(questions)].map((question) => `Questionable: ${question}`),
    ...(sample.isClockSuspect ? ['The clock of the device was not believed; the time is that of arrival'] : []),
  ]
  return {
    resourceType: 'Observation',
    id: sampleId(sample, group.key),
    meta: metaOf({ versionId: owner.intervalId.slice(0, 8), updatedMs: sample.receivedMs, profile: group.profile, isTest: owner.isTest }),
    // Unverified is what a questionable value is; nobody at the bedside confirmed it.
    status: questions.length > 0 ? 'preliminary' : 'final',
    category: category(group.category),
    code: { coding: group.codings, text: group.text },
    subject: { reference: `Patient/${owner.patientId}` },
    encounter: { reference: `Encounter/${owner.stayId}` },
    effectiveDateTime: iso(sample.atMs),
    issued: iso(sample.receivedMs),
    ...(group.isPanel ? { component: componentsOf(group.signals, sample) } : valueOf(group.signals[0] as Signal, sample)),
    ...(notes.length > 0 ? { note: notes.map((text) => ({ text })) } : {}),
    ...(group.method === undefined ? {} : { method: { text: group.method } }),
    device: { reference: `Device/${toFhirId(sample.deviceId)}` },
  }
}

function valueOf({ name, ucum }: Signal, { values, absences }: SampleFacts): object {
  const value = values[name]
  return value === undefined ? { dataAbsentReason: dataAbsentReason(absences[name]) } : { valueQuantity: quantity(value, ucum) }
}

/** Systolic and diastolic are always there, a value or a reason: the profile demands both. The mean only if it was measured. */
function componentsOf(signals: readonly Signal[], sample: SampleFacts): object[] {
  return signals
    .filter(({ name }, i) => i < 2 || sample.values[name] !== undefined || sample.absences[name] !== undefined)
    .map((signal) => ({ code: { coding: codingsOf(signal), text: signal.display }, ...valueOf(signal, sample) }))
}
