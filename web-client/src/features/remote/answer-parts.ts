import { signalByName } from '@vigil/contract/catalogue'

/** What a device answered, sorted: measured values apart from what is said about them. */
export interface AnswerParts {
  readonly vitals: readonly { readonly signal: string; readonly value: number; readonly doubt: string | undefined }[]
  readonly absent: readonly { readonly signal: string; readonly reason: string }[]
  readonly measuredMs: number | undefined
  /** Anything else, as text. */
  readonly others: readonly { readonly name: string; readonly text: string }[]
}

type Loose = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value)
const part = (data: Loose, key: string): Loose => (isObject(data[key]) ? data[key] : {})

/** Keys of a telemetry object. Only `m` holds values: a quality of 96 under `sq.pr` is not a pulse of 96. */
const telemetryKeys: ReadonlySet<string> = new Set(['m', 'q', 'x', 'sq', 't', 'e', 's', 'up'])

/** A list of words is read as one; what is deeper stays as the device wrote it. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number')) return value.join(', ')
  return JSON.stringify(value)
}

export function answerParts(data: Loose): AnswerParts {
  const isTelemetry = isObject(data['m'])
  const doubts = part(data, 'q')
  const vitals = Object.entries(part(data, 'm')).flatMap(([signal, value]) =>
    typeof value === 'number' && signalByName(signal) ? [{ signal, value, doubt: typeof doubts[signal] === 'string' ? doubts[signal] : undefined }] : [],
  )
  const absent = isTelemetry ? Object.entries(part(data, 'x')).flatMap(([signal, reason]) => (typeof reason === 'string' ? [{ signal, reason }] : [])) : []
  const others = Object.entries(data).flatMap(([name, value]) => (isTelemetry && telemetryKeys.has(name) ? [] : value === null || value === '' ? [] : [{ name: name.replaceAll('_', ' '), text: textOf(value) }]))
  return { vitals, absent, measuredMs: isTelemetry && typeof data['t'] === 'number' ? data['t'] : undefined, others }
}
