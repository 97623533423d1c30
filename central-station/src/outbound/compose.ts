import { alarmSentence, parseCondition } from '@vigil/contract/alarms'
import { signalByName } from '@vigil/contract'
import { field, iso } from '../iso.ts'
import { hl7Alarm } from './hl7-message.ts'
import type { AlarmHappening, Compose, Happening, PersonOut, StayHappening, Target } from './outbound.ts'

/** What each target is sent of what happened; nothing where it does not want the event, or does not see the ward. */
export const compose: Compose = (target, happening) => {
  if (!wants(target, happening.event) || !sees(target, happening)) return undefined
  const subject = happening.about === 'alarm' ? happening.alarm.id : happening.stay.id
  if (target.kind === 'hl7') return happening.about === 'alarm' ? { subject, body: hl7Alarm(target, happening.alarm, happening.atMs) } : undefined
  return { subject, body: JSON.stringify(webhookBody(happening, target.settings['names'] === true)) }
}

export function wants({ events }: Pick<Target, 'events'>, event: string): boolean {
  return events.includes(event) || events.includes(`${event.split('.')[0]}.*`)
}

function sees({ wards }: Target, happening: Happening): boolean {
  if (wards === null) return true
  const wardId = happening.about === 'alarm' ? happening.alarm.wardId : happening.stay.wardId
  return wardId !== null && wards.includes(wardId)
}

/** Ids and beds; a patient's name only where somebody decided that names may leave the house. */
function webhookBody(happening: Happening, names: boolean): object {
  const { key, event, atMs } = happening
  const about = happening.about === 'alarm' ? { alarm: alarmOut(happening.alarm), ...person(happening.alarm.patient, names) } : { stay: stayOut(happening.stay), ...person(happening.stay.patient, names) }
  return { id: key, event, at: iso(atMs), ...about }
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

function stayOut({ id, wardId, bedId, bedLabel, fromBedId, mode }: StayHappening): object {
  return { id, mode, ...field('wardId', wardId), ...field('bedId', bedId), ...field('bedLabel', bedLabel), ...field('fromBedId', fromBedId) }
}

function person(patient: PersonOut | null, names: boolean): object {
  if (!patient) return {}
  const { id, identifier, familyName, givenName } = patient
  return { patient: { id, ...(names && { ...field('identifier', identifier), familyName, givenName }) } }
}
