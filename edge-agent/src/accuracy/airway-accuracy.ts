import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Breath } from '../signals/breathing/breath.ts'
import { createBreathing } from '../signals/breathing/breathing.ts'
import type { MaskRecording } from '../sim/recording.ts'
import { matchEvents } from './event-match.ts'
import { createComparison, type Figures, meanOf } from './figures.ts'
import { csvRows } from './finger-recordings.ts'
import { eachSecond } from './pulse-accuracy.ts'

/** A ventilated patient: airway pressure in cmH2O with the ventilator's own marks. */
export interface VentilatorRecording {
  readonly hz: number
  readonly pressure: readonly number[]
  /** Breath starts, seconds. */
  readonly starts: readonly number[]
}

export interface VentilatorAccuracy {
  readonly recordings: number
  /** Means over recordings, each counting once. */
  readonly f1: number
  readonly rate: number
  readonly rateWithin: number
  readonly peep: number
  readonly pip: number
}

const VENTILATOR_HZ = 50
const ONSET_TOLERANCE_S = 0.3
const RATE_WINDOW_S = 30
const RATE_LIMIT = 2
const EVERY_S = 5
const END_EXPIRATION_SAMPLES = 5

/** Reads `*.csv.gz` files with the columns time, flow, pressure, breath start. */
export function ventilatorRecordings(folder: string): VentilatorRecording[] {
  return readdirSync(folder).filter((file) => file.endsWith('.csv.gz')).sort().map((file) => {
    const rows = csvRows(join(folder, file))
    return {
      hz: VENTILATOR_HZ,
      pressure: rows.map((row) => Number(row[2])),
      starts: rows.flatMap((row, i) => (Number(row[3]) === 1 ? [i / VENTILATOR_HZ] : [])),
    }
  })
}

export function measureVentilator(recordings: readonly VentilatorRecording[]): VentilatorAccuracy {
  const each = recordings.map(measureOne)
  return {
    recordings: each.length,
    f1: meanOf(each.map((r) => r.f1)),
    rate: meanOf(each.map((r) => r.rate.mae)),
    rateWithin: meanOf(each.map((r) => r.rate.within)),
    peep: meanOf(each.map((r) => r.peep.mae)),
    pip: meanOf(each.map((r) => r.pip.mae)),
  }
}

function measureOne({ hz, pressure, starts }: VentilatorRecording): { f1: number; rate: Figures; peep: Figures; pip: Figures } {
  const breathing = createBreathing({ hz })
  const onsets: number[] = []
  const breaths: Breath[] = []
  const rate = createComparison(RATE_LIMIT)
  eachSecond(pressure, hz, (p) => breathing.push(p), (t) => {
    const second = breathing.update()
    onsets.push(...second.onsets)
    breaths.push(...second.breaths)
    const reference = rateOver(starts, t)
    if (t >= RATE_WINDOW_S && t % EVERY_S === 0 && reference !== undefined) rate.add(second.rr.value, reference)
  })
  const peep = createComparison(1)
  const pip = createComparison(1)
  for (const breath of breaths) {
    const at = starts.findIndex((start) => Math.abs(start - breath.onset) <= ONSET_TOLERANCE_S)
    const next = starts[at + 1]
    if (at < 0 || next === undefined) continue
    const samples = pressure.slice(Math.round((starts[at] as number) * hz), Math.round(next * hz))
    peep.add(breath.peep, meanOf(samples.slice(-END_EXPIRATION_SAMPLES)))
    pip.add(breath.pip, Math.max(...samples))
  }
  return { f1: matchEvents(starts, onsets, ONSET_TOLERANCE_S).f1, rate: rate.figures(), peep: peep.figures(), pip: pip.figures() }
}

function rateOver(starts: readonly number[], t: number): number | undefined {
  const recent = starts.filter((s) => s > t - RATE_WINDOW_S && s <= t)
  return recent.length < 2 ? undefined : (60 * (recent.length - 1)) / ((recent.at(-1) as number) - (recent[0] as number))
}

/** Mean breathing rate of whole mask recordings against what their flow signal shows. */
export function measureMasks(masks: readonly MaskRecording[]): Figures {
  const comparison = createComparison(RATE_LIMIT)
  for (const { cmH2O, breathsPerMinute } of masks) {
    const breathing = createBreathing({ hz: cmH2O.hz })
    const onsets: number[] = []
    eachSecond(cmH2O.values, cmH2O.hz, (p) => breathing.push(p), () => onsets.push(...breathing.update().onsets))
    const span = (onsets.at(-1) ?? 0) - (onsets[0] ?? 0)
    comparison.add(span > 0 ? (60 * (onsets.length - 1)) / span : undefined, breathsPerMinute)
  }
  return comparison.figures()
}
