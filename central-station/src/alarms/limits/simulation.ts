import { AppError, type Clock, isAppError, type SignalName, signalByName, type SimulationRequest, type SimulationResult } from '@vigil/contract'
import { figuresOf, isLimitKey, type LimitKey, limitKeys, type LimitSet, limitsInForce, limitsProblem, measuredMs, parseCondition, profileLimits, simulateAlarms, type SimulatedAlarm, type StoredValues } from '@vigil/contract/alarms'
import type { HistoryStore, RawSamples } from '../../history/history-store.ts'
import { MINUTE_MS, type Span } from '../../history/spans.ts'
import { iso } from '../../iso.ts'
import type { Registry } from '../../registry/registry.ts'
import { limitsOf } from '../engine/watch-list.ts'

/** Port: which devices watched a stay in a range. */
export interface MonitoringStore {
  spans(stayId: string, fromMs: number, toMs: number): Promise<Span[]>
}

/** Answers "what would have rung": stored data of a stay or a ward through the very machine that raises alarms. */
export interface Simulation {
  /** @throws AppError NOT_FOUND, INVALID_REQUEST, LIMITS_INVALID, DATABASE_AWAY */
  run(request: SimulationRequest): Promise<SimulationResult>
}

const DAY_MS = 86_400_000
/** Beyond this a stay is replayed by its minutes: two days at 1 Hz. */
const MOST_SAMPLES = 2 * 86_400
/** A ward has beds, not a town; each stay is a day of arithmetic in a second. */
const MOST_STAYS = 60

const signals = [...new Set(limitKeys.flatMap((key) => parseCondition(key)?.signal ?? (key === 'apnoea' ? 'rr' : [])))] as SignalName[]
const wanted = signals.flatMap((name) => signalByName(name) ?? [])

interface Replay {
  readonly now: readonly SimulatedAlarm[]
  readonly candidate: readonly SimulatedAlarm[]
  readonly critical: readonly SimulatedAlarm[]
  readonly patientMs: number
}

export function createSimulation({ monitoring, history, registry, clock }: { monitoring: MonitoringStore; history: HistoryStore; registry: Registry; clock: Clock }): Simulation {
  const staysOf = ({ stayId, wardId }: SimulationRequest): string[] => {
    if ((stayId === undefined) === (wardId === undefined)) throw new AppError('INVALID_REQUEST', 'Name a stay or a ward, not both.')
    if (stayId !== undefined) return registry.now().stays.has(stayId) ? [stayId] : notFound('There is no open stay of this name.')
    if (!registry.now().wards.has(wardId ?? '')) return notFound(`There is no ward ${wardId}.`)
    const stays = registry.now().world.stays.filter((stay) => stay.wardId === wardId).map((stay) => stay.id)
    if (stays.length > MOST_STAYS) throw new AppError('INVALID_REQUEST', `The ward has ${stays.length} patients; at most ${MOST_STAYS} are replayed at once.`)
    return stays
  }
  const read = async (spans: readonly Span[]): Promise<{ values: StoredValues[]; raw: boolean }> => {
    const values: StoredValues[] = []
    let raw = true
    for (const span of spans) {
      const samples = await history.raw(span, wanted, MOST_SAMPLES).catch((error: unknown) => {
        if (isAppError(error)) throw error
        throw new AppError('DATABASE_AWAY', 'The stored data could not be read.', { cause: error })
      })
      raw &&= samples !== undefined
      values.push(samples ? withAbsences(samples) : byMinute(await history.buckets([span], wanted, 'rollup_1m', MINUTE_MS, span.fromMs)))
    }
    return { values, raw }
  }

  return {
    async run(request) {
      const stays = staysOf(request)
      const toMs = clock.now()
      const fromMs = toMs - request.days * DAY_MS
      const replays: Replay[] = []
      let raw = true
      for (const stayId of stays) {
        const inForce = limitsInForce(limitsOf(registry.now().stays.get(stayId) ?? notFound('The stay has just ended.')), toMs)
        const candidate = candidateLimits(inForce, request)
        const stored = await read(await monitoring.spans(stayId, fromMs, toMs))
        raw &&= stored.raw
        for (const values of stored.values) replays.push(replay(values, inForce, candidate))
      }
      return toResult(replays, { from: iso(fromMs), to: iso(toMs), stays: stays.length, resolution: raw ? 'raw' : '1m' })
    },
  }
}

function notFound(sentence: string): never {
  throw new AppError('NOT_FOUND', sentence)
}

/** @throws AppError LIMITS_INVALID */
function candidateLimits(inForce: LimitSet, { profile, limits = {} }: SimulationRequest): LimitSet {
  const candidate: Record<string, LimitSet[LimitKey]> = { ...(profile === undefined ? inForce : profileLimits[profile]) }
  for (const [key, value] of Object.entries(limits)) if (isLimitKey(key)) candidate[key] = value ? { value: value.value, delayMs: value.delayS * 1_000, priority: value.priority } : null
  const problem = limitsProblem(candidate as LimitSet)
  if (problem !== undefined) throw new AppError('LIMITS_INVALID', problem)
  return candidate as LimitSet
}

function replay(values: StoredValues, now: LimitSet, candidate: LimitSet): Replay {
  return { now: simulateAlarms(values, now), candidate: simulateAlarms(values, candidate), critical: simulateAlarms(values, criticalLimits()), patientMs: measuredMs(values.times) }
}

/** What must not be missed: the desaturation limit of the adult profile, and no breath, without any delay. */
function criticalLimits(): LimitSet {
  const none = Object.fromEntries(limitKeys.map((key) => [key, null])) as unknown as LimitSet
  return { ...none, 'desat:spo2': { value: 80, delayMs: 0, priority: 'high' }, apnoea: { value: 20, delayMs: 0, priority: 'high' } }
}

function toResult(replays: readonly Replay[], head: Pick<SimulationResult, 'from' | 'to' | 'stays' | 'resolution'>): SimulationResult {
  const patientMs = replays.reduce((sum, one) => sum + one.patientMs, 0)
  const side = (which: 'now' | 'candidate', only?: LimitKey) => figuresOfSide(replays, which, patientMs, only)
  const rung = new Set(replays.flatMap(({ now, candidate }) => [...now, ...candidate].map(({ condition }) => condition)))
  return { ...head, patientDays: patientMs / DAY_MS, now: side('now'), candidate: side('candidate'), byCondition: limitKeys.filter((key) => rung.has(key)).map((condition) => ({ condition, now: side('now', condition), candidate: side('candidate', condition) })) }
}

/** Missed minutes are counted patient by patient: an alarm in one bed calls nobody to another. */
function figuresOfSide(replays: readonly Replay[], which: 'now' | 'candidate', patientMs: number, only: LimitKey | undefined) {
  const mine = replays.flatMap((one) => one[which].filter(({ condition }) => only === undefined || condition === only))
  const missed = replays.reduce((sum, one) => sum + figuresOf(one[which], one.patientMs, one.critical.filter(({ condition }) => only === undefined || condition === only)).missedCriticalMinutes, 0)
  return { ...figuresOf(mine, patientMs, []), missedCriticalMinutes: missed }
}

/** As the machine takes them: what was not there is `null`. */
function withAbsences({ times, columns }: RawSamples): StoredValues {
  return { times: [...times], columns: new Map([...columns].map(([signal, values]) => [signal, Array.from(values, (value) => (Number.isNaN(value) ? null : value))])) }
}

/** The mean of each minute, where there are too many samples; delays below a minute then mean nothing, and the answer says so. */
function byMinute(series: Awaited<ReturnType<HistoryStore['buckets']>>): StoredValues {
  const times = [...new Set([...series.values()].flatMap((points) => points.map((point) => point[0] ?? 0)))].sort((a, b) => a - b)
  const columns = new Map([...series].map(([signal, points]): [SignalName, (number | null)[]] => {
    const means = new Map(points.map((point) => [point[0], point[2] ?? point[1] ?? null]))
    return [signal, times.map((t) => means.get(t) ?? null)]
  }))
  return { times, columns }
}
