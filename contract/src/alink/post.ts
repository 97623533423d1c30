import { numberByTime } from '../numbered-by-time.ts'
import { isMeasured, numberOfValue, signalOfProperty, timeOfValue } from './properties.ts'
import { AlinkCode, readRequest, type AlinkRequest, type Refused } from './request.ts'
import { IDENTIFIER } from './topics.ts'

/** A telemetry object of ours. */
export interface AlinkSample {
  readonly e: string
  readonly s: number
  readonly t: number
  readonly m: Readonly<Record<string, number>>
}

export interface PropertyPost extends AlinkRequest {
  readonly ok: true
  /** One for each moment, oldest first; empty where the device only says what it is and how it is set. */
  readonly samples: readonly AlinkSample[]
  /** Whether the device itself told every time: then the same post has the same numbers whenever it comes. */
  readonly dated: boolean
  /** What became of a property that is not kept as a value, in the words the reply tells. */
  readonly told: Readonly<Record<string, string>>
  /** Properties the catalogue has no signal for. */
  readonly unknown: number
}

/** More properties than that are refused there as well. */
const MOST_PROPERTIES = 200
/** Sets of values that can be told apart in one millisecond. */
const PER_MS = 2 ** 31
const WIRE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,31}$/

export const ALINK_EPOCH = 'alink'

/**
 * Reads `thing/event/property/post`: `{"id":"1","params":{"HeartRate":72,"SpO2":{"value":97,"time":1524448722000}}}`. A value without a time was
 * measured when it came. `settings` are properties the centre sets; a device that says them back measures nothing by it.
 */
export function readPropertyPost(payload: string, receivedAt: number, settings: readonly string[] = []): PropertyPost | Refused {
  const request = readRequest(payload)
  if (!request.ok) return request
  const named = Object.entries(request.params)
  if (named.length > MOST_PROPERTIES) return { ...request, ok: false, code: AlinkCode.TOO_MANY, reason: 'too_many', why: `map size must less than ${MOST_PROPERTIES}` }
  const read = readAll(named.filter(([name]) => isMeasured(name) && !settings.includes(name)), receivedAt)
  const { moments, told } = read
  if (moments.size === 0 && Object.keys(told).length > 0) return { ...request, ok: false, code: AlinkCode.PARAMETERS, reason: 'no_value', why: 'no property holds a number that can be kept', told }
  const samples = [...moments].sort(([a], [b]) => a - b).map(([t, m]) => ({ ...numberByTime(ALINK_EPOCH, PER_MS, t, m), t, m }))
  return { ...request, samples, dated: read.dated, told, unknown: read.unknown }
}

function readAll(named: readonly [string, unknown][], receivedAt: number): { moments: Map<number, Record<string, number>>; told: Record<string, string>; dated: boolean; unknown: number } {
  const told: Record<string, string> = {}
  const moments = new Map<number, Record<string, number>>()
  let [dated, unknown] = [true, 0]
  for (const [name, item] of named) {
    const { value, time } = partsOf(item)
    const read = readProperty(name, value)
    if (read.unknown) unknown += 1
    if (read.told !== undefined) told[labelOf(name)] = read.told
    if (read.short === undefined) continue
    const t = time === undefined ? receivedAt : timeOfValue(time)
    if (t === undefined) told[labelOf(name)] = 'its time cannot be read'
    else moments.set(t, { ...moments.get(t), [read.short]: read.number })
    dated &&= time !== undefined
  }
  return { moments, told, dated, unknown }
}

function partsOf(item: unknown): { value: unknown; time?: unknown } {
  return typeof item === 'object' && item !== null && 'value' in item ? item : { value: item }
}

type Read = { readonly told?: string; readonly unknown: boolean } & ({ readonly short: string; readonly number: number } | { readonly short?: undefined })

function readProperty(name: string, value: unknown): Read {
  const signal = signalOfProperty(name)
  const number = numberOfValue(value)
  const unknown = signal === undefined
  if (number === undefined) return { told: 'not a number: not kept', unknown }
  if (unknown && !(IDENTIFIER.test(name) && WIRE_NAME.test(name))) return { told: 'its name is none that can be kept', unknown }
  const told = unknown ? 'no signal of this name: kept as unmapped' : outside(number, signal.plausible)
  return { short: signal?.name ?? name, number, unknown, ...(told === undefined ? {} : { told }) }
}

/** Whoever stores it judges it again, and keeps the number apart: a sentinel must not pass for a value. */
function outside(number: number, [least, greatest]: readonly [number, number]): string | undefined {
  return number < least || number > greatest ? `outside ${least} to ${greatest}: not taken for a value` : undefined
}

/** A reply is no place for what somebody put in place of a name. */
function labelOf(name: string): string {
  return IDENTIFIER.test(name) ? name : name.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 50)
}
