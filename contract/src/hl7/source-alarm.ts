import type { Message, Segment } from './message.ts'
import { readNumber } from './numbers.ts'
import { codeOf } from './codes.ts'
import { type ReadContext, timeOf } from './read-observations.ts'
import { readPatient } from './patient.ts'
import type { SourcePatient } from './observation.ts'
import { type ObservationRow, rowsByPatient } from './rows.ts'

export type SourceAlarmPriority = 'high' | 'medium' | 'low' | 'none'
export type SourceAlarmType = 'physiological' | 'technical' | 'advisory'

/** An alarm a source tells about itself or its patient (IHE PCD-04). The source owns its own sound; we only show and log it. */
export interface SourceAlarm {
  /** Parts of the instance id: OBR-29.2 of a later message, OBR-3 of the first one. */
  readonly id: readonly string[]
  /** MDC number of the event, e.g. 196674 low value. */
  readonly event: string
  readonly text: string
  readonly phase: string
  readonly state: string
  readonly inactivation: readonly string[]
  readonly priority: SourceAlarmPriority | undefined
  readonly type: SourceAlarmType | undefined
  /** Code of the metric or device part that alarms, and its value where it has one. */
  readonly source: string | undefined
  readonly value: number | undefined
  readonly timeMs: number
  readonly patient: SourcePatient
}

const PRIORITY: Readonly<Record<string, SourceAlarmPriority>> = { PH: 'high', PM: 'medium', PL: 'low', PN: 'none' }
const TYPE: Readonly<Record<string, SourceAlarmType>> = { SP: 'physiological', ST: 'technical', SA: 'advisory' }

/** Codes of a facet, newer and older, beside its reference ids (IHE PCD TF-2 appendix B.8; both are seen). */
const FACETS = {
  source: ['68480', 'MDC_ATTR_ALERT_SOURCE'],
  phase: ['68481', 'MDC_ATTR_EVENT_PHASE', 'MDC_ATTR_EVT_PHASE'],
  state: ['68482', 'MDC_ATTR_ALARM_STATE'],
  inactivation: ['68483', 'MDC_ATTR_ALARM_INACTIVATION_STATE'],
  priority: ['68484', 'MDC_ATTR_ALARM_PRIORITY'],
  type: ['68485', 'MDC_ATTR_ALERT_TYPE'],
} as const satisfies Record<string, readonly string[]>

/** Alarms of an ORU^R40 message, one per OBR; none when no OBR has an event. */
export function readSourceAlarms(message: Message, context: ReadContext): readonly SourceAlarm[] {
  return rowsByPatient(message).flatMap(({ pid, pv1, rows }) => {
    const patient = readPatient(pid, pv1, context.givenFirst)
    return [...Map.groupBy(rows, ({ obr }) => obr)].flatMap(([obr, own]) => {
      const alarm = obr && readAlarm(obr, own, message, context)
      return alarm ? [{ ...alarm, patient }] : []
    })
  })
}

function readAlarm(obr: Segment, rows: readonly ObservationRow[], { header }: Message, context: ReadContext): Omit<SourceAlarm, 'patient'> | undefined {
  const [first] = rows
  if (!first) return undefined
  const { obx } = first
  return {
    id: instanceOf(obr),
    event: obx.text(5, 1).trim() || codeOf(obx).code,
    text: obx.text(5, 9) || obx.text(5, 2),
    phase: facetText(rows, 'phase').toLowerCase(),
    state: facetText(rows, 'state').toLowerCase(),
    inactivation: texts(facetOf(rows, 'inactivation'), 5),
    priority: PRIORITY[facetText(rows, 'priority')] ?? marked(obx, PRIORITY),
    type: TYPE[facetText(rows, 'type')] ?? marked(obx, TYPE),
    ...sourceOf(rows),
    timeMs: timeOf(first, header, context).timeMs,
  }
}

function facetOf(rows: readonly ObservationRow[], name: keyof typeof FACETS): Segment | undefined {
  const codes: readonly string[] = FACETS[name]
  return rows.find(({ obx }) => codes.includes(obx.text(3, 1).trim()) || codes.includes(obx.text(3, 2).trim()))?.obx
}

function facetText(rows: readonly ObservationRow[], name: keyof typeof FACETS): string {
  return facetOf(rows, name)?.text(5).trim() ?? ''
}

function texts(segment: Segment | undefined, field: number): readonly string[] {
  return segment?.texts(field).map((text) => text.trim()) ?? []
}

/** Priority and type stand in OBX-8 of the event row as well (`L~PM~SP`), and only there with some senders. */
function marked<T>(obx: Segment, meanings: Readonly<Record<string, T>>): T | undefined {
  return texts(obx, 8).map((mark) => meanings[mark]).find((meaning) => meaning !== undefined)
}

function sourceOf(rows: readonly ObservationRow[]): { source: string | undefined; value: number | undefined } {
  const metric = rows.find(({ obx }) => obx.text(2).trim() === 'NM')?.obx
  if (!metric) return { source: facetOf(rows, 'source')?.text(5, 1).trim(), value: undefined }
  const reading = readNumber(metric.text(5))
  return { source: codeOf(metric).code, value: reading.ok ? reading.value : undefined }
}

/** A later message of an alarm names the first one in OBR-29.2, its components shifted to subcomponents (IHE PCD TF-2 §3.4.4). */
function instanceOf(obr: Segment): readonly string[] {
  const parent = obr.subcomponents(29, 2)
  const own = obr.componentTexts(3)
  return (parent[0] ?? '') === '' ? own : parent
}

/** A monitor's sign of life: an event without priority that says only that it is there. */
export function isWatchdog({ priority, type, phase }: SourceAlarm): boolean {
  return priority === 'none' && type !== 'physiological' && phase !== 'end'
}
