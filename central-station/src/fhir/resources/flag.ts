import { alarmSentence, type ConditionType, parseCondition } from '@vigil/contract/alarms'
import type { Episode } from '../../alarms/log/episode.ts'
import { iso, isoField } from '../../iso.ts'
import { type Coding, type FhirResource, metaOf, toFhirId } from './resource.ts'
import { MDC, VIGIL_CONDITION, VIGIL_PRIORITY } from './systems.ts'

/** An alarm of somebody's stay. Times in ms since the Unix epoch. */
export interface FlagFacts extends Episode {
  readonly stayId: string
  readonly patientId: string
  readonly updatedMs: number
  /** When a pause of monitoring ends by itself. */
  readonly plannedEndMs: number | null
}

/** The condition of a pause of monitoring, which is no alarm and told beside them. */
export const PAUSED = 'monitoring_paused'

/** Events of ISO/IEEE 11073-10101 as IHE PCD-04 sends them; the rest have our own name only. */
const EVENTS: Readonly<Partial<Record<ConditionType, readonly [code: string, refid: string]>>> = {
  low: ['196674', 'MDC_EVT_LO_VAL_LT_LIM'], desat: ['196674', 'MDC_EVT_LO_VAL_LT_LIM'], high: ['196652', 'MDC_EVT_HI_VAL_GT_LIM'], apnoea: ['199680', 'MDC_EVT_APNEA'],
  probe_off: ['196916', 'MDC_EVT_SENSOR_DISCONN'], sensor_fault: ['196660', 'MDC_EVT_INOP'], low_battery: ['196802', 'MDC_EVT_BATT_LO'], device_lost: ['196748', 'MDC_EVT_COMM_LOST'],
  source_physiological: ['196616', 'MDC_EVT_ALARM'], source_technical: ['196616', 'MDC_EVT_ALARM'], source_silent: ['196748', 'MDC_EVT_COMM_LOST'],
}

const EXTENSION = 'urn:vigil:extension:'

export function flagOf(alarm: FlagFacts): FhirResource {
  const isTechnical = alarm.kind === 'technical'
  return {
    resourceType: 'Flag',
    id: alarm.id,
    meta: metaOf({ versionId: alarm.n, updatedMs: alarm.updatedMs, isTest: alarm.mode !== 'real' }),
    extension: alarm.condition === PAUSED ? pauseExtensions(alarm) : alarmExtensions(alarm),
    identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${alarm.id}` }],
    status: alarm.phase === 'cleared' ? 'inactive' : 'active',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/flag-category', code: isTechnical ? 'safety' : 'clinical' }], text: alarm.kind }],
    code: { coding: codingsOf(alarm.condition), text: textOf(alarm) },
    subject: { reference: `Patient/${alarm.patientId}` },
    encounter: { reference: `Encounter/${alarm.stayId}` },
    period: { start: iso(alarm.announcedMs ?? alarm.sinceMs), ...isoField('end', alarm.endedMs ?? alarm.plannedEndMs) },
    ...(alarm.deviceId === null ? {} : { author: { reference: `Device/${toFhirId(alarm.deviceId)}` } }),
  }
}

function alarmExtensions({ priority, phase, firstAcknowledgedMs, acknowledgedBy }: FlagFacts): object[] {
  return [
    { url: `${EXTENSION}alarm-priority`, valueCoding: { system: VIGIL_PRIORITY, code: priority } },
    { url: `${EXTENSION}alarm-state`, valueCode: phase },
    ...(firstAcknowledgedMs === null ? [] : [{ url: `${EXTENSION}alarm-acknowledged-at`, valueDateTime: iso(firstAcknowledgedMs) }]),
    ...(acknowledgedBy === null ? [] : [{ url: `${EXTENSION}alarm-acknowledged-by`, valueString: acknowledgedBy }]),
  ]
}

/** The word of ISO/IEEE 11073-10201 for it, as IHE PCD-04 sends it. */
function pauseExtensions({ phase, acknowledgedBy: by }: FlagFacts): object[] {
  return [
    { url: `${EXTENSION}alarm-inactivation-state`, valueCode: phase === 'cleared' ? 'enabled' : 'alarm-paused' },
    ...(by === null ? [] : [{ url: `${EXTENSION}monitoring-paused-by`, valueString: by }]),
  ]
}

function textOf({ condition, note, worst, value, limit, questionable }: FlagFacts): string {
  if (condition === PAUSED) return `Monitoring paused: ${note ?? ''}`
  return alarmSentence({ condition, value: worst ?? value, limit, questionable })
}

function codingsOf(condition: string): Coding[] {
  if (condition === PAUSED) return [{ system: MDC, code: '68483', display: 'MDC_ATTR_ALARM_INACTIVATION_STATE' }, { system: VIGIL_CONDITION, code: PAUSED }]
  const event = EVENTS[parseCondition(condition)?.type ?? 'engine_away']
  return [...(event ? [{ system: MDC, code: event[0], display: event[1] }] : []), { system: VIGIL_CONDITION, code: condition }]
}
