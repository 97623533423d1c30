import { type Signal, signals } from './catalogue.ts'
import { numberByTime } from './numbered-by-time.ts'

/** One record of a pack with its labels as text, RFC 8428 section 4.1. */
export type SenmlRecord = Readonly<Record<string, unknown>>

/** A telemetry object of ours, made from a pack. */
export interface SenmlObject {
  readonly e: string
  readonly s: number
  readonly t: number
  readonly m: Readonly<Record<string, number>>
}

export interface SenmlPack {
  readonly objects: readonly SenmlObject[]
  /** Records that hold no value we can keep, each with its reason. */
  readonly refused: readonly { readonly record: SenmlRecord; readonly why: string }[]
}

const VERSION = 10
/** Times below are relative to now (section 4.5.3). */
const ABSOLUTE_FROM_S = 2 ** 28
/** Numbers of one millisecond: so many different sets of values can be told apart in it. */
const PER_MS = 1_000

const bases = ['bn', 'bt', 'bu', 'bv', 'bs', 'bver'] as const

/** Names of a record's last part, in small letters: wire names, names of the catalogue and what is met in their place. */
const byName: ReadonlyMap<string, Signal> = new Map(
  signals.flatMap((signal) => [signal.name, signal.key].map((name) => [name.toLowerCase(), signal] as const)).concat(
    (['heartrate:hr', 'pulse:pr', 'pulserate:pr', 'oxygensaturation:spo2', 'temperature:temp', 'bodytemperature:temp', 'respirationrate:rr', 'respiratoryrate:rr', 'humidity:rhum', 'pressure:pamb'] as const).map((pair) => {
      const [name, short] = pair.split(':') as [string, string]
      return [name, signals.find((signal) => signal.name === short) as Signal] as const
    }),
  ),
)

type Linear = readonly [factor: number, shift?: number]
const SAME: Linear = [1]
const MMHG_PER_PA = 1 / 133.322_387_415
const CMH2O_PER_PA = 1 / 98.066_5

/** By UCUM unit of ours: the units of RFC 8428 section 12.1 and RFC 8798 that can be carried into it. */
const INTO: Readonly<Record<string, Readonly<Record<string, Linear>>>> = {
  '/min': { 'beat/min': SAME, '1/min': SAME, 'beats/min': SAME, '1/s': [60], Hz: [60] },
  '%': { '%': SAME, '/': [100], '%RH': SAME, '%EL': SAME },
  Cel: { Cel: SAME, K: [1, -273.15] },
  'mm[Hg]': { Pa: [MMHG_PER_PA], hPa: [100 * MMHG_PER_PA], kPa: [1_000 * MMHG_PER_PA] },
  'cm[H2O]': { Pa: [CMH2O_PER_PA], hPa: [100 * CMH2O_PER_PA], kPa: [1_000 * CMH2O_PER_PA] },
  hPa: { hPa: SAME, Pa: [0.01], kPa: [10] },
  '[ppm]': { ppm: SAME, '/': [1e6] },
  '[ppb]': { ppm: [1_000], '/': [1e9] },
  ms: { ms: SAME, s: [1_000] },
  '{steps}': { count: SAME },
  '{flights}': { count: SAME },
  kJ: { J: [0.001], kJ: SAME, 'W.h': [3.6], kWh: [3_600] },
  km: { km: SAME, m: [0.001] },
  'km/h': { 'km/h': SAME, 'm/s': [3.6] },
  cm: { cm: SAME, m: [100], mm: [0.1] },
  kg: { kg: SAME, g: [0.001] },
  'dB[mW]': { dBW: [1, 30], dBm: SAME },
  'dB[SPL]': { dB: SAME, Bspl: [10] },
}

/** Whether bytes begin an array of CBOR: no JSON text begins so, and nothing else of ours is one. */
export function isCborArray([first = 0]: Uint8Array): boolean {
  return first >= 0x80 && first <= 0x9f
}

/** Whether a parsed payload is a pack: an array of records that name themselves or have a base. */
export function isSenml(value: unknown): value is readonly SenmlRecord[] {
  if (!Array.isArray(value)) return false
  const first: unknown = value[0]
  return typeof first === 'object' && first !== null && !('m' in first) && ('n' in first || bases.some((key) => key in first))
}

/**
 * A pack as telemetry. It numbers nothing, so the number comes from the time of its values and what they are: the same values of the same moment have
 * the same number, and are stored once however often they come. An epoch is an hour. Values dated relative to now are dated anew when the pack comes again.
 */
export function readSenml(records: readonly SenmlRecord[], receivedMs: number): SenmlPack {
  const moments = new Map<number, Record<string, number>>()
  const refused: { record: SenmlRecord; why: string }[] = []
  let base: Record<string, unknown> = {}
  for (const record of records) {
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      refused.push({ record: { record }, why: 'not a record' })
      continue
    }
    base = { ...base, ...Object.fromEntries(bases.filter((key) => key in record).map((key) => [key, record[key]])) }
    const reading = readRecord(record, base, receivedMs)
    if (typeof reading === 'string') refused.push({ record, why: reading })
    else if (reading) moments.set(reading.t, { ...moments.get(reading.t), [reading.name]: reading.value })
  }
  const objects = [...moments].sort(([a], [b]) => a - b).map(([t, m]) => ({ ...numberByTime('senml', PER_MS, t, m), t, m }))
  return { objects, refused }
}

interface Value {
  readonly t: number
  readonly name: string
  readonly value: number
}

/** The value of one record, a reason where it cannot be kept, nothing where it only sets a base. */
function readRecord(record: SenmlRecord, base: Readonly<Record<string, unknown>>, receivedMs: number): Value | string | undefined {
  const must = Object.keys(record).find((key) => key.endsWith('_'))
  if (must !== undefined) return `label ${must.slice(0, 20)} must be understood and is not`
  if (Number(base['bver'] ?? VERSION) > VERSION) return 'a newer version of SenML than 10'
  if (!('n' in record) && !['v', 'vs', 'vb', 'vd', 's'].some((key) => key in record)) return undefined
  const sum = numberIn(record['v'], base['bv'])
  if (sum === undefined) return 'no number: texts, truths, data and sums are not kept'
  const t = timeOf(record['t'], base['bt'], receivedMs)
  if (t === undefined) return 'its time cannot be read'
  const name = nameOf(`${textIn(base['bn'])}${textIn(record['n'])}`)
  if (name === undefined) return 'its name has no part that can be one'
  const unit = record['u'] ?? base['bu']
  if (unit !== undefined && typeof unit !== 'string') return 'its unit is no text'
  return valueOf(name, sum, unit, t)
}

function valueOf(name: string, value: number, unit: string | undefined, t: number): Value | string {
  const signal = byName.get(name.toLowerCase())
  if (!signal) return { t, name, value }
  if (unit === undefined) return { t, name: signal.name, value }
  const ways = INTO[signal.ucum]
  const way = ways && Object.hasOwn(ways, unit) ? ways[unit] : undefined
  if (!way) return `unit ${unit.slice(0, 20)} cannot be carried into ${signal.ucum}`
  const [factor, shift = 0] = way
  return { t, name: signal.name, value: way === SAME ? value : Number((value * factor + shift).toPrecision(9)) }
}

/** The last part of a name, as far as a wire name can hold it: `urn:dev:ow:10e2073a01080063:spo2` is spo2. */
function nameOf(full: string): string | undefined {
  const part = full.split(/[:/.]/).at(-1) ?? ''
  const plain = part.replace(/[^A-Za-z0-9]+/g, '_').replace(/^[^A-Za-z]+|_+$/g, '').slice(0, 32)
  return plain === '' ? undefined : plain
}

function numberIn(value: unknown, base: unknown): number | undefined {
  if (value === undefined) return undefined
  const sum = Number(value) + (base === undefined ? 0 : Number(base))
  return (typeof value === 'number' || typeof value === 'bigint') && Number.isFinite(sum) ? sum : undefined
}

function timeOf(time: unknown, base: unknown, receivedMs: number): number | undefined {
  const seconds = Number(time ?? 0) + Number(base ?? 0)
  if (!Number.isFinite(seconds)) return undefined
  const ms = seconds < ABSOLUTE_FROM_S ? receivedMs + seconds * 1_000 : seconds * 1_000
  return Math.abs(ms) <= 8.64e15 ? Math.round(ms) : undefined
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '')
