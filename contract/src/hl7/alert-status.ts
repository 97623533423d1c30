import { type Message, messageType, segment } from './message.ts'

/** How far an alarm we sent has come (IHE PCD-05): what the receiver says of the people it tells. */
export const alertStatuses = ['received', 'undeliverable', 'delivered', 'read', 'accepted', 'rejected'] as const
export type AlertStatus = (typeof alertStatuses)[number]

export interface AlertStatusUpdate {
  /** Control id of the message it answers, where it names one (MSA-2). */
  readonly controlId: string | undefined
  /** Id of the alarm (OBR-29.2, else OBR-3). */
  readonly alarmId: string | undefined
  readonly status: AlertStatus
}

/** Status words as they are written, in any case: "Received by gateway", "Delivered", "Read by user". */
const WORDS: readonly (readonly [RegExp, AlertStatus])[] = [
  [/^undeliverable|^not.?delivered/i, 'undeliverable'],
  [/^received/i, 'received'],
  [/^delivered/i, 'delivered'],
  [/^read/i, 'read'],
  [/^accepted/i, 'accepted'],
  [/^rejected/i, 'rejected'],
]

/** Control id of a delivery of ours, and the number of the delivery it names. */
export const controlIdOf = (no: number): string => `V${no}`
export function deliveryOf(controlId: string | undefined): number | undefined {
  const digits = /^V(\d{1,15})$/.exec(controlId ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Reads ORA^R41; `undefined` for another message, or one that names no status. */
export function readAlertStatus(message: Message): AlertStatusUpdate | undefined {
  const { type, event } = messageType(message)
  if (type !== 'ORA' || event !== 'R41') return undefined
  const status = message.segments.filter(({ name }) => name === 'PRT').flatMap((prt) => [2, 3].flatMap((field) => [prt.text(field, 1), prt.text(field, 2)])).map(statusOf).find((found) => found !== undefined)
  if (!status) return undefined
  const obr = segment(message, 'OBR')
  return {
    controlId: segment(message, 'MSA')?.text(2).trim() || undefined,
    alarmId: obr?.subcomponents(29, 2)[0] || obr?.text(3).trim() || undefined,
    status,
  }
}

function statusOf(text: string): AlertStatus | undefined {
  return WORDS.find(([word]) => word.test(text.trim()))?.[1]
}
