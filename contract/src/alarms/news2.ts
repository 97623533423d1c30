/**
 * National Early Warning Score 2, Royal College of Physicians 2017. For people of 16 and older, not in pregnancy. The bands are
 * the published table; a value is rounded first, the temperature to 0.1 Cel and everything else to a whole number.
 */
export const consciousnessLevels = ['A', 'C', 'V', 'P', 'U'] as const
/** Alert, new confusion, responds to voice, to pain, unresponsive. */
export type Consciousness = (typeof consciousnessLevels)[number]

export interface News2Inputs {
  readonly respRate?: number | undefined
  readonly spo2?: number | undefined
  /** Supplemental oxygen. */
  readonly oxygen?: boolean | undefined
  readonly sys?: number | undefined
  readonly pulse?: number | undefined
  readonly consciousness?: Consciousness | undefined
  readonly temp?: number | undefined
}

export const news2Parts = ['respRate', 'spo2', 'oxygen', 'sys', 'pulse', 'consciousness', 'temp'] as const
export type News2Part = (typeof news2Parts)[number]
export type News2Risk = 'low' | 'low-medium' | 'medium' | 'high'

export interface News2Score {
  /** Points of what is known. With parts missing this is the least it can be. */
  readonly total: number
  readonly parts: Readonly<Partial<Record<News2Part, number>>>
  readonly missing: readonly News2Part[]
  /** What the points so far mean at least; never a comfort while parts are missing: see `complete`. */
  readonly risk: News2Risk
  readonly complete: boolean
}

/** `[up to and including, points]`, ascending; the last one has no end. */
type Bands = readonly (readonly [upTo: number, points: number])[]

const RESP_RATE: Bands = [[8, 3], [11, 1], [20, 0], [24, 2], [Infinity, 3]]
const SPO2_SCALE_1: Bands = [[91, 3], [93, 2], [95, 1], [Infinity, 0]]
const SPO2_SCALE_2_AIR: Bands = [[83, 3], [85, 2], [87, 1], [Infinity, 0]]
const SPO2_SCALE_2_OXYGEN: Bands = [[83, 3], [85, 2], [87, 1], [92, 0], [94, 1], [96, 2], [Infinity, 3]]
const SYSTOLIC: Bands = [[90, 3], [100, 2], [110, 1], [219, 0], [Infinity, 3]]
const PULSE: Bands = [[40, 3], [50, 1], [90, 0], [110, 1], [130, 2], [Infinity, 3]]
const TEMPERATURE: Bands = [[35, 3], [36, 1], [38, 0], [39, 1], [Infinity, 2]]

const points = (bands: Bands, value: number): number => bands.find(([upTo]) => value <= upTo)?.[1] ?? 0

/** The score. `scale` 2 only by a recorded decision for this patient; without knowing about oxygen it takes the kinder of its two columns, the lower bound. */
export function news2(inputs: News2Inputs, scale: 1 | 2 = 1): News2Score {
  const { respRate, spo2, oxygen, sys, pulse, consciousness, temp } = inputs
  const given: [News2Part, number | undefined][] = [
    ['respRate', scored(RESP_RATE, respRate)],
    ['spo2', scored(saturationBands(scale, oxygen), spo2)],
    ['oxygen', oxygen === undefined ? undefined : oxygen ? 2 : 0],
    ['sys', scored(SYSTOLIC, sys)],
    ['pulse', scored(PULSE, pulse)],
    ['consciousness', consciousness === undefined ? undefined : consciousness === 'A' ? 0 : 3],
    ['temp', temp === undefined ? undefined : points(TEMPERATURE, roundTenths(temp))],
  ]
  const parts: Partial<Record<News2Part, number>> = {}
  const missing: News2Part[] = []
  for (const [part, value] of given) {
    if (value === undefined) missing.push(part)
    else parts[part] = value
  }
  const total = Object.values(parts).reduce((sum, value) => sum + value, 0)
  return { total, parts, missing, risk: riskOf(total, Object.values(parts)), complete: missing.length === 0 }
}

function saturationBands(scale: 1 | 2, oxygen: boolean | undefined): Bands {
  if (scale === 1) return SPO2_SCALE_1
  return oxygen === true ? SPO2_SCALE_2_OXYGEN : SPO2_SCALE_2_AIR
}

function scored(bands: Bands, value: number | undefined): number | undefined {
  return value === undefined ? undefined : points(bands, Math.round(value))
}

/** Half up in decimal, although 38.05 * 10 is a little less than 380.5 in binary. */
function roundTenths(value: number): number {
  return Math.round(Number((value * 10).toFixed(6))) / 10
}

function riskOf(total: number, parts: readonly number[]): News2Risk {
  if (total >= 7) return 'high'
  if (total >= 5) return 'medium'
  return parts.includes(3) ? 'low-medium' : 'low'
}

/** How long a typed-in value counts: half a day, four hours once the score is 5 or more. */
export const OBSERVATION_MS = 12 * 3_600_000
export const OBSERVATION_WHEN_ILL_MS = 4 * 3_600_000
/** How long the last value of a sensor counts. */
export const SENSOR_VALUE_MS = 5 * 60_000

export interface Dated<T> {
  readonly value: T
  readonly atMs: number
}

/** What there is for a score, each with the time it was measured or typed in. */
export interface News2Sources {
  /** From sensors. */
  readonly measured: Readonly<Partial<Record<'respRate' | 'spo2' | 'pulse' | 'temp' | 'sys', Dated<number>>>>
  /** Typed in by a person. */
  readonly typed: Readonly<Partial<{ [K in News2Part]: Dated<NonNullable<News2Inputs[K]>> }>>
}

export interface News2Now extends News2Score {
  /** Time of the oldest value in it; `null` with none. */
  readonly oldestMs: number | null
}

/** The score at one time: expired values are missing. A score of 5 or more shortens how long typed-in values count. */
export function news2At(sources: News2Sources, nowMs: number, scale: 1 | 2 = 1): News2Now {
  const first = scoreWithin(sources, nowMs, scale, OBSERVATION_MS)
  return first.total >= 5 ? scoreWithin(sources, nowMs, scale, OBSERVATION_WHEN_ILL_MS) : first
}

/** A cuff and a thermometer measure now and then: their values count as long as a typed-in one. */
const SPOT: ReadonlySet<string> = new Set(['sys', 'temp'])

function scoreWithin({ measured, typed }: News2Sources, nowMs: number, scale: 1 | 2, typedMs: number): News2Now {
  const inputs: Record<string, unknown> = {}
  let oldestMs: number | null = null
  for (const part of news2Parts) {
    const sensor = measured[part as keyof typeof measured]
    const used = newest(current(sensor, nowMs, SPOT.has(part) ? typedMs : SENSOR_VALUE_MS), current<unknown>(typed[part], nowMs, typedMs))
    if (used === undefined) continue
    inputs[part] = used.value
    oldestMs = Math.min(oldestMs ?? used.atMs, used.atMs)
  }
  return { ...news2(inputs, scale), oldestMs }
}

function current<T>(dated: Dated<T> | undefined, nowMs: number, forMs: number): Dated<T> | undefined {
  return dated !== undefined && nowMs - dated.atMs < forMs ? dated : undefined
}

function newest(a: Dated<unknown> | undefined, b: Dated<unknown> | undefined): Dated<unknown> | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.atMs >= b.atMs ? a : b
}
