import { type LatestValue, signalByName, type SignalName } from '@vigil/contract'
import { alarmSentence, parseCondition, pauseReasons } from '@vigil/contract/alarms'
import { type AlarmPhaseOut, writeAlarm, type WriterIdentity, writeObservations } from '@vigil/contract/hl7/index'
import type { StayFact } from '../registry/world.ts'
import type { AlarmHappening, MonitoringHappening, PersonOut, Target } from './outbound.ts'

/** Where the control id goes when the message is sent: the number of its delivery is not known before. */
export const CONTROL_ID = '{CONTROL-ID}'

/** Steps of our alarm machine in the words of PCD-04. */
const PHASES: Readonly<Record<string, AlarmPhaseOut>> = {
  announced: 'start', recurred: 'continue', re_alarmed: 'continue', escalated: 'continue', worsened: 'update', acknowledged: 'update', over_unseen: 'end', cleared: 'end', withdrawn: 'end',
}

export function identityOf({ settings }: Pick<Target, 'settings'>): WriterIdentity {
  const text = (key: string, otherwise: string): string => {
    const said = settings[key]
    return typeof said === 'string' ? said : otherwise
  }
  return { application: text('application', 'VIGIL'), facility: text('facility', ''), receivingApplication: text('receivingApplication', ''), receivingFacility: text('receivingFacility', '') }
}

/** One step of an alarm as PCD-04. The text names no patient. */
export function hl7Alarm(target: Target, alarm: AlarmHappening, atMs: number): string {
  const { id, what, state, condition, kind, priority, value, limit, wardId, bedId, deviceId, mode, acknowledged, patient } = alarm
  const signal = parseCondition(condition)?.signal
  return writeAlarm({
    ...identityOf(target),
    controlId: CONTROL_ID,
    atMs,
    processing: mode === 'real' ? 'P' : 'T',
    patient: patientOut(target, patient, [wardId, bedId]),
    device: deviceId ?? '',
    alarmId: id,
    condition,
    text: alarmSentence({ condition, value, limit }),
    phase: PHASES[what] ?? 'update',
    state: state === 'latched' ? 'latched' : state === 'normal' ? 'inactive' : 'active',
    acknowledged,
    priority,
    type: kind,
    signal: signal && signalByName(signal),
    value: value ?? undefined,
  })
}

/** A pause of monitoring as PCD-04: an advisory of no priority whose inactivation state says that no alarms are to be expected. */
export function hl7Monitoring(target: Target, { id, mode, reason, wardId, bedId, deviceId, dataMode, patient }: MonitoringHappening, atMs: number): string {
  const isPaused = mode === 'paused'
  return writeAlarm({
    ...identityOf(target),
    controlId: CONTROL_ID,
    atMs,
    processing: dataMode === 'real' ? 'P' : 'T',
    patient: patientOut(target, patient, [wardId, bedId]),
    device: deviceId ?? '',
    alarmId: id,
    condition: 'monitoring_paused',
    text: isPaused ? `Monitoring paused: ${reasonOut(reason, target.settings['names'] === true)}` : 'Monitoring goes on',
    phase: isPaused ? 'start' : 'end',
    state: isPaused ? 'active' : 'inactive',
    acknowledged: false,
    paused: isPaused,
    priority: 'none',
    type: 'advisory',
    signal: undefined,
    value: undefined,
  })
}

/** What somebody wrote may name a patient: without names only the reasons of the list leave the house. */
export function reasonOut(reason: string | null, names: boolean): string {
  return reason !== null && (names || pauseReasons.some((one) => one === reason)) ? reason : 'other'
}

/** What a device measured of one patient as PCD-01; `undefined` when there is nothing to tell. */
export function hl7Observations(target: Target, stay: StayFact, latest: Partial<Record<SignalName, LatestValue>>, atMs: number): string | undefined {
  const values = Object.entries(latest).flatMap(([name, { v, q, t }]) => {
    const signal = signalByName(name)
    // A value the device itself doubts is none for somebody who cannot see that.
    return signal && v !== null && q === undefined ? [{ signal, value: v, timeMs: t }] : []
  })
  if (values.length === 0 || !stay.link) return undefined
  const { patient, wardId, bedId, link } = stay
  const person: PersonOut = { id: patient.id, identifier: patient.identifier ?? null, familyName: patient.familyName, givenName: patient.givenName }
  return writeObservations({
    ...identityOf(target),
    controlId: CONTROL_ID,
    atMs,
    processing: patient.mode === 'real' ? 'P' : 'T',
    patient: patientOut(target, person, [wardId, bedId]),
    device: link.deviceId,
    values,
  })
}

function patientOut({ settings }: Target, patient: PersonOut | null, place: readonly (string | null)[]) {
  const names = settings['names'] === true
  const [wardId, bedId] = place
  return { identifier: patient?.identifier ?? patient?.id, family: names ? (patient?.familyName ?? '') : '', given: names ? (patient?.givenName ?? '') : '', location: [wardId ?? '', '', bedId ?? ''] }
}
