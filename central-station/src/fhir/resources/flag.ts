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
}

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
    extension: [
      { url: `${EXTENSION}alarm-priority`, valueCoding: { system: VIGIL_PRIORITY, code: alarm.priority } },
      { url: `${EXTENSION}alarm-state`, valueCode: alarm.phase },
      ...(alarm.firstAcknowledgedMs === null ? [] : [{ url: `${EXTENSION}alarm-acknowledged-at`, valueDateTime: iso(alarm.firstAcknowledgedMs) }]),
      ...(alarm.acknowledgedBy === null ? [] : [{ url: `${EXTENSION}alarm-acknowledged-by`, valueString: alarm.acknowledgedBy }]),
    ],
    identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${alarm.id}` }],
    status: alarm.phase === 'cleared' ? 'inactive' : 'active',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/flag-category', code: isTechnical ? 'safety' : 'clinical' }], text: alarm.kind }],
    code: { coding: codingsOf(alarm.condition), text: alarmSentence({ condition: alarm.condition, value: alarm.worst ?? alarm.value, limit: alarm.limit, questionable: alarm.questionable }) },
    subject: { reference: `Patient/${alarm.patientId}` },
    encounter: { reference: `Encounter/${alarm.stayId}` },
    period: { start: iso(alarm.announcedMs ?? alarm.sinceMs), ...isoField('end', alarm.endedMs) },
    ...(alarm.deviceId === null ? {} : { author: { reference: `Device/${toFhirId(alarm.deviceId)}` } }),
  }
}

function codingsOf(condition: string): Coding[] {
  const event = EVENTS[parseCondition(condition)?.type ?? 'engine_away']
  return [...(event ? [{ system: MDC, code: event[0], display: event[1] }] : []), { system: VIGIL_CONDITION, code: condition }]
}
