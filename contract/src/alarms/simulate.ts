import type { SignalName } from '../catalogue.ts'
import { type LimitKey, limitKeys, type LimitSet } from './limits.ts'
import { AlarmBook } from './book.ts'
import type { AlarmLogRecord } from './records.ts'
import { CLEAR_MS } from './rules.ts'
import type { Subject } from './vocabulary.ts'

/** Values of one patient by time: `columns[signal][i]` was measured at `times[i]` (ms, ascending); `null` where there was none. */
export interface StoredValues {
  readonly times: readonly number[]
  readonly columns: ReadonlyMap<SignalName, readonly (number | null)[]>
}

/** One alarm that would have been. */
export interface SimulatedAlarm {
  readonly condition: LimitKey
  readonly fromMs: number
  readonly toMs: number
}

export interface AlarmFigures {
  readonly alarms: number
  readonly alarmsPerDay: number
  readonly medianSeconds: number | null
  readonly clearedWithin15s: number
  readonly missedCriticalMinutes: number
}

const SUBJECT: Subject = { kind: 'stay', id: 'simulated' }
/** A hole this long in the data is no time in which anything was measured. */
const HOLE_MS = 60_000
const SHORT_MS = 15_000

/**
 * Replays stored values through the very machine that raises alarms, with candidate limits. Nobody answers: each alarm lasts
 * from its announcement until its condition is over.
 */
export function simulateAlarms({ times, columns }: StoredValues, limits: LimitSet): SimulatedAlarm[] {
  const done: SimulatedAlarm[] = []
  const open = new Map<string, { condition: LimitKey; fromMs: number }>()
  const over: string[] = []
  const book = new AlarmBook((record: AlarmLogRecord) => {
    if (record.stream !== 'alarm' || !isLimit(record.condition)) return
    if (record.what === 'announced') open.set(record.alarmId, { condition: record.condition, fromMs: record.atMs })
    const began = open.get(record.alarmId)
    if (!began || (record.to !== 'normal' && record.to !== 'latched')) return
    // The value was back `CLEAR_MS` before the alarm ended.
    done.push({ ...began, toMs: Math.max(began.fromMs, record.atMs - (record.why === 'back inside the limit' ? CLEAR_MS : 0)) })
    open.delete(record.alarmId)
    if (record.to === 'latched') over.push(record.alarmId)
  })
  const place = { site: '', wardId: null, bedId: null, stayId: null, deviceId: null, mode: 'real' } as const
  book.watch({ subject: SUBJECT, place, limits, off: new Set(), rules: { reAlarmMs: Infinity } }, times[0] ?? 0)
  const series = [...columns]
  // A latched alarm is over for a simulation; the next one is another, even with the very value that follows.
  const answer = (atMs: number) => {
    for (const id of over.splice(0)) book.acknowledge(id, { atMs, by: { user: '', role: '', origin: '' }, seenVersion: book.held(id)?.state.version ?? 0, note: null })
  }
  times.forEach((atMs, i) => {
    const values: Partial<Record<SignalName, number>> = {}
    for (const [signal, column] of series) {
      const value = column[i]
      if (value !== null && value !== undefined) values[signal] = value
    }
    book.tick(atMs)
    answer(atMs)
    book.sample('stay:simulated', { values, quality: {}, atMs })
    answer(atMs)
  })
  const endMs = times.at(-1) ?? 0
  return [...done, ...[...open.values()].map((alarm) => ({ ...alarm, toMs: endMs }))]
}

function isLimit(condition: string): condition is LimitKey {
  return (limitKeys as readonly string[]).includes(condition) && condition !== 'news2'
}

/** Time with data: neighbours further apart than a minute are a hole. */
export function measuredMs(times: readonly number[]): number {
  let sum = 0
  for (let i = 1; i < times.length; i++) sum += Math.min(HOLE_MS, (times[i] as number) - (times[i - 1] as number))
  return sum
}

/** What a set of alarms means for a ward. `critical`: spans in which somebody should have been called. */
export function figuresOf(alarms: readonly SimulatedAlarm[], patientMs: number, critical: readonly SimulatedAlarm[]): AlarmFigures {
  const lengths = alarms.map(({ fromMs, toMs }) => toMs - fromMs).sort((a, b) => a - b)
  const middle = lengths[lengths.length >> 1]
  const missedMs = critical.reduce((sum, span) => sum + uncovered(span, alarms), 0)
  return {
    alarms: alarms.length,
    alarmsPerDay: patientMs === 0 ? 0 : (alarms.length * 86_400_000) / patientMs,
    medianSeconds: middle === undefined ? null : middle / 1_000,
    clearedWithin15s: lengths.filter((ms) => ms <= SHORT_MS).length,
    missedCriticalMinutes: missedMs / 60_000,
  }
}

/** Time of a span in which no alarm of the same signal was on. */
function uncovered({ condition, fromMs, toMs }: SimulatedAlarm, alarms: readonly SimulatedAlarm[]): number {
  const signal = condition.split(':')[1]
  const covering = alarms.filter((alarm) => alarm.condition.split(':')[1] === signal && alarm.fromMs < toMs && alarm.toMs > fromMs).sort((a, b) => a.fromMs - b.fromMs)
  let missed = 0
  let at = fromMs
  for (const alarm of covering) {
    if (alarm.fromMs > at) missed += alarm.fromMs - at
    at = Math.max(at, alarm.toMs)
  }
  return missed + Math.max(0, toMs - at)
}
