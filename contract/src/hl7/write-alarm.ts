import type { Signal } from '../catalogue.ts'
import type { SourcePatient } from './observation.ts'
import { writeMessage, writeSegment } from './segment-writer.ts'
import { writeTime } from './time.ts'
import { codeFor, headerSegment, patientSegments, PROFILES, unitFor, type WriterIdentity } from './write-observations.ts'

/** Where an alarm stands in its life (IHE PCD TF-2 appendix B.8.3). */
export type AlarmPhaseOut = 'start' | 'continue' | 'update' | 'end'

export interface AlarmOut extends WriterIdentity {
  readonly controlId: string
  readonly atMs: number
  readonly processing: 'P' | 'T'
  readonly patient: SourcePatient
  readonly device: string
  /** The same through the life of one alarm. */
  readonly alarmId: string
  /** `low:spo2`, `apnoea`: chooses the event. */
  readonly condition: string
  readonly text: string
  readonly phase: AlarmPhaseOut
  readonly state: 'active' | 'latched' | 'inactive'
  readonly acknowledged: boolean
  /** No alarms are to be expected for a while. */
  readonly paused?: boolean
  readonly priority: 'high' | 'medium' | 'low' | 'none'
  readonly type: 'physiological' | 'technical' | 'advisory'
  /** What is measured and how much, where the alarm is about a signal. */
  readonly signal: Signal | undefined
  readonly value: number | undefined
}

/** Events of IEEE 11073-10101, partition 3, by our kinds of conditions. */
const EVENTS: Readonly<Record<string, readonly [code: string, refid: string]>> = {
  low: ['196674', 'MDC_EVT_LO_VAL_LT_LIM'],
  high: ['196652', 'MDC_EVT_HI_VAL_GT_LIM'],
  desat: ['196670', 'MDC_EVT_LO'],
  apnoea: ['199680', 'MDC_EVT_APNEA'],
  probe_off: ['196916', 'MDC_EVT_SENSOR_DISCONN'],
  low_battery: ['196802', 'MDC_EVT_BATT_LO'],
  device_lost: ['196748', 'MDC_EVT_COMM_LOST'],
  link_lost: ['196748', 'MDC_EVT_COMM_LOST'],
}
const ANY_EVENT = ['196616', 'MDC_EVT_ALARM'] as const
const PRIORITY = { high: 'PH', medium: 'PM', low: 'PL', none: 'PN' } as const
const TYPE = { physiological: 'SP', technical: 'ST', advisory: 'SA' } as const

/**
 * One step of an alarm as ORU^R40 (IHE PCD-04, HL7 v2.6). The first message of an alarm has its id in OBR-3; later ones have
 * an id of their own there and the first one's in OBR-29.2, as subcomponents.
 */
export function writeAlarm(alarm: AlarmOut): string {
  const { controlId, atMs, application, alarmId, condition, text, phase, state, acknowledged, paused = false, priority, type, signal, value, device } = alarm
  const time = writeTime(atMs)
  const event = EVENTS[condition.split(':')[0] ?? ''] ?? ANY_EVENT
  const first = phase === 'start'
  let row = 0
  const facet = (code: string, refid: string, said: string) => writeSegment('OBX', { 1: ++row, 2: 'ST', 3: [code, refid, 'MDC'], 4: `1.1.1.1.${row}`, 5: said, 11: 'R' })
  const metric = signal && value !== undefined ? codeFor(signal) : undefined
  return writeMessage([
    headerSegment({ ...alarm, type: ['ORU', 'R40', 'ORU_R40'], profile: PROFILES.alarms }),
    ...patientSegments(alarm.patient),
    writeSegment('OBR', { 1: 1, 3: [first ? alarmId : controlId, application], 4: [...ANY_EVENT, 'MDC'], 7: time, 29: first ? undefined : ['', [alarmId, application]] }),
    writeSegment('OBX', { 1: ++row, 2: 'CWE', 3: [...ANY_EVENT, 'MDC'], 4: `1.1.1.1.${row}`, 5: [...event, 'MDC', '', '', '', '', '', text], 8: { repeat: [PRIORITY[priority], TYPE[type]] }, 11: 'R', 14: time, 18: device }),
    metric === undefined
      ? facet('68480', 'MDC_ATTR_ALERT_SOURCE', device)
      : writeSegment('OBX', { 1: ++row, 2: 'NM', 3: metric, 4: `1.1.1.1.${row}`, 5: value, 6: unitFor(signal as Signal), 11: 'R', 14: time }),
    facet('68481', 'MDC_ATTR_EVENT_PHASE', phase),
    facet('68482', 'MDC_ATTR_ALARM_STATE', state),
    facet('68483', 'MDC_ATTR_ALARM_INACTIVATION_STATE', paused ? 'alarm-paused' : acknowledged ? 'alert-acknowledged' : 'enabled'),
    facet('68484', 'MDC_ATTR_ALARM_PRIORITY', PRIORITY[priority]),
    facet('68485', 'MDC_ATTR_ALERT_TYPE', TYPE[type]),
  ])
}
