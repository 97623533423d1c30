import { alarmSentence, parseCondition } from '@vigil/contract/alarms'
import { signalByName } from '@vigil/contract'
import { field, iso } from '../iso.ts'
import { hl7Alarm, hl7Monitoring, reasonOut } from './hl7-message.ts'
import type { AlarmHappening, Compose, Happening, MonitoringHappening, PersonOut, StayHappening, Target } from './outbound.ts'

/** What each target is sent of what happened; nothing where it does not want the event, or does not see the ward. */
export const compose: Compose = (target, happening) => {
  if (!wants(target, happening.event) || !sees(target, happening)) return undefined
  const subject = aboutOf(happening).id
  if (target.kind === 'hl7') {
    const body = hl7Body(target, happening)
    return body === undefined ? undefined : { subject, body }
  }
  return { subject, body: JSON.stringify(webhookBody(happening, target.settings['names'] === true)) }
}

export function wants({ events }: Pick<Target, 'events'>, event: string): boolean {
  return events.includes(event) || events.includes(`${event.split('.')[0]}.*`)
}

function sees({ wards }: Target, happening: Happening): boolean {
  if (wards === null) return true
  const { wardId } = aboutOf(happening)
  return wardId !== null && wards.includes(wardId)
}

function aboutOf(happening: Happening): AlarmHappening | StayHappening | MonitoringHappening {
  if (happening.about === 'alarm') return happening.alarm
  return happening.about === 'stay' ? happening.stay : happening.monitoring
}

function hl7Body(target: Target, happening: Happening): string | undefined {
  if (happening.about === 'alarm') return hl7Alarm(target, happening.alarm, happening.atMs)
  return happening.about === 'monitoring' ? hl7Monitoring(target, happening.monitoring, happening.atMs) : undefined
}

/** Ids and beds; a patient's name only where somebody decided that names may leave the house. */
function webhookBody(happening: Happening, names: boolean): object {
  const { key, event, atMs } = happening
  return { id: key, event, at: iso(atMs), ...bodyOf(happening, names), ...person(aboutOf(happening).patient, names) }
}

function bodyOf(happening: Happening, names: boolean): object {
  if (happening.about === 'alarm') return { alarm: alarmOut(happening.alarm) }
  return happening.about === 'stay' ? { stay: stayOut(happening.stay) } : { monitoring: monitoringOut(happening.monitoring, names) }
}

function alarmOut(alarm: AlarmHappening): object {
  const { id, what, state, condition, kind, priority, value, limit, site, mode, wardId, bedId, bedLabel, stayId, deviceId, by } = alarm
  const signal = parseCondition(condition)?.signal
  return {
    id, what, state: state === 'normal' ? 'cleared' : state, condition, kind, priority, site, mode,
    sentence: alarmSentence({ condition, value, limit }),
    ...field('signal', signal), ...field('unit', signal && signalByName(signal)?.ucum), ...field('value', value), ...field('limit', limit),
    ...field('wardId', wardId), ...field('bedId', bedId), ...field('bedLabel', bedLabel), ...field('stayId', stayId), ...field('deviceId', deviceId), ...field('by', by),
  }
}

function monitoringOut({ id, mode, untilMs, reason, by, wardId, bedId, bedLabel, stayId, deviceId, dataMode }: MonitoringHappening, names: boolean): object {
  return {
    id, mode, dataMode, stayId, reason: reasonOut(reason, names), ...field('until', untilMs === null ? null : iso(untilMs)),
    ...field('wardId', wardId), ...field('bedId', bedId), ...field('bedLabel', bedLabel), ...field('deviceId', deviceId), ...field('by', by),
  }
}

function stayOut({ id, wardId, bedId, bedLabel, fromBedId, mode }: StayHappening): object {
  return { id, mode, ...field('wardId', wardId), ...field('bedId', bedId), ...field('bedLabel', bedLabel), ...field('fromBedId', fromBedId) }
}

function person(patient: PersonOut | null, names: boolean): object {
  if (!patient) return {}
  const { id, identifier, familyName, givenName } = patient
  return { patient: { id, ...(names && { ...field('identifier', identifier), familyName, givenName }) } }
}
