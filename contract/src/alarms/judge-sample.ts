import type { SignalName } from '../catalogue.ts'
import type { SampleQuality } from '../quality.ts'
import { verdictOf } from './limits.ts'
import type { AlarmEvent, AlarmRule, Judged, ValueEvent } from './machine-state.ts'
import type { Dated } from './news2.ts'
import { BATTERY_LOW, BATTERY_MEDIUM, type LimitWatch, sensorSignals, TECHNICAL_MEDIUM_MS, technicalRule } from './rules.ts'
import { type Machine, machineOf, type SubjectFile } from './subject-file.ts'

/** One telemetry object of the live lane, believed (`judgeSample`) and with the time it arrived. */
export interface AlarmSample {
  readonly values: Readonly<Partial<Record<SignalName, number>>>
  readonly quality: SampleQuality
  readonly atMs: number
  /** On the device's clock. */
  readonly measuredMs?: number
}

export type Tell = (file: SubjectFile, machine: Machine, event: AlarmEvent) => void

/** Compares one sample with everything watched of its subject. Almost every sample of almost everybody changes nothing, and costs next to nothing. */
export function judgeAgainstLimits(file: SubjectFile, sample: AlarmSample, tell: Tell): void {
  for (const { watch, machine } of file.watches) {
    const value = sample.values[watch.signal]
    if (value === undefined) {
      if (machine.state.phase !== 'normal' && sample.quality.x?.[watch.signal] !== undefined) tell(file, machine, { type: 'absent', atMs: sample.atMs })
      continue
    }
    const verdict = verdictOf(watch, value)
    if (machine.state.phase === 'normal' && (verdict !== 'violated' || isSpokenFor(file, watch, value))) continue
    tell(file, machine, { type: 'value', verdict, atMs: sample.atMs, value, limit: watch.shownLimit, questionable: sample.quality.q?.[watch.signal] !== undefined })
  }
}

/** Nobody breathing is one alarm, not also a slow rate; and much oxygen in the blood matters while it is given. */
function isSpokenFor(file: SubjectFile, { key }: LimitWatch, value: number): boolean {
  if (key === 'low:rr') return value === 0 && file.machines.has('apnoea')
  return key === 'high:spo2' && file.watched.typed?.oxygen?.value !== true
}

const RATE_WINDOW_MS = 60_000
const RATE_STEP_MS = 5_000

/** Change within the last minute, against the value in it that is furthest away. */
export function judgeRates(file: SubjectFile, { values, quality, atMs }: AlarmSample, tell: Tell): void {
  for (const { signal, machine, limit, past } of file.rates) {
    const value = values[signal]
    if (value === undefined || quality.q?.[signal] !== undefined) continue
    const change = changeWithin(past, value, atMs)
    if (change < limit.value && machine.state.phase === 'normal') continue
    tell(file, machine, { type: 'value', verdict: change >= limit.value ? 'violated' : 'within', atMs, value: change, limit: limit.value, questionable: false })
  }
}

/** Keeps one value per five seconds of the last minute. */
function changeWithin(past: Dated<number>[], value: number, atMs: number): number {
  while (past[0] && past[0].atMs < atMs - RATE_WINDOW_MS) past.shift()
  const change = Math.max(0, ...past.map((before) => Math.abs(value - before.value)))
  if (atMs - (past.at(-1)?.atMs ?? 0) >= RATE_STEP_MS) past.push({ value, atMs })
  return change
}

type Trouble = 'probe_off' | 'sensor_fault' | 'poor_signal'
const troubles: readonly Trouble[] = ['probe_off', 'sensor_fault', 'poor_signal']
const POOR: ReadonlySet<string> = new Set(['motion', 'weak', 'no-lock'])

/** Probe off, fault or poor signal of each sensor that said anything. */
export function judgeSensors(file: SubjectFile, sample: AlarmSample, tell: Tell): void {
  const { values, quality, atMs } = sample
  for (const signal of sensorSignals) {
    const absence = quality.x?.[signal]
    if (absence === undefined && values[signal] === undefined) continue
    const now = troubleOf(absence, quality.q?.[signal])
    for (const trouble of troubles) {
      const key = `${trouble}:${signal}`
      const known = file.machines.get(key)
      if (now !== trouble && (known === undefined || known.state.phase === 'normal')) continue
      if (file.watched.off.has(key)) continue
      const machine = known ?? machineOf(file, key, technicalRule(trouble, file.watched.rules))
      tell(file, machine, lasting(machine, now === trouble, atMs))
    }
  }
}

function troubleOf(absence: string | undefined, question: string | undefined): Trouble | undefined {
  if (absence === undefined) return question === undefined ? undefined : 'poor_signal'
  if (absence === 'off') return 'probe_off'
  if (absence === 'warmup' || absence === 'disabled') return undefined
  return POOR.has(absence) ? 'poor_signal' : 'sensor_fault'
}

/** A patient whom a sensor does not measure for so long is not watched. */
const growing = /^(probe_off|sensor_fault|no_data):/

/** A technical condition that is there or not; low becomes medium when nothing is measured for long. */
export function lasting(machine: Machine, there: boolean, atMs: number, value: number | null = null): ValueEvent {
  const { state, rule } = machine
  const lasts = there && growing.test(machine.key) && state.phase !== 'normal' && atMs - state.sinceMs >= TECHNICAL_MEDIUM_MS
  const judged: Judged = { verdict: there ? 'violated' : 'within', atMs, value, limit: null, questionable: false, ...(lasts && rule.priority === 'low' ? { priority: 'medium' } : {}) }
  return { type: 'value', ...judged }
}

export function judgeBattery(file: SubjectFile, { values, atMs }: AlarmSample, tell: Tell): void {
  const value = values.batt
  if (value === undefined || file.watched.off.has('low_battery')) return
  const known = file.machines.get('low_battery')
  if (value >= BATTERY_LOW && (!known || known.state.phase === 'normal')) return
  const rule: AlarmRule = technicalRule('low_battery', file.watched.rules)
  const verdict = value < BATTERY_LOW ? 'violated' : value >= BATTERY_LOW + 2 ? 'within' : 'between'
  tell(file, machineOf(file, 'low_battery', rule), { type: 'value', verdict, atMs, value, limit: BATTERY_LOW, questionable: false, ...(value < BATTERY_MEDIUM ? { priority: 'medium' } : {}) })
}

/** Remembers when each signal was heard, and the last good values for the score. */
export function remember(file: SubjectFile, { values, quality, atMs }: AlarmSample): void {
  for (const name in values) file.heard.set(name as SignalName, atMs)
  for (const name in quality.x) {
    const reason = quality.x[name as SignalName]
    // Switched off on purpose is not silence. A sensor that warms up for ever, as one whose supply breaks down again and again, is.
    if (reason === 'disabled') file.heard.delete(name as SignalName)
    else if (reason !== 'warmup' && file.heard.has(name as SignalName)) file.heard.set(name as SignalName, atMs)
  }
  for (const [part, signals] of scored) {
    const signal = signals.find((name) => values[name] !== undefined && quality.q?.[name] === undefined)
    if (signal !== undefined) file.measured[part] = { value: values[signal] as number, atMs }
  }
}

/** What each part of NEWS2 is measured by, the better signal first. */
export const scored = [['respRate', ['rr']], ['spo2', ['spo2']], ['pulse', ['hr', 'pr']], ['temp', ['temp']], ['sys', ['sys']]] as const satisfies readonly (readonly [keyof SubjectFile['measured'], readonly SignalName[]])[]
