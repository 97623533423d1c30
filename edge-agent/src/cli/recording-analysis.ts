import type { SignalName } from '@vigil/contract/catalogue'
import type { Breath } from '../signals/breathing/breath.ts'
import { createBreathing } from '../signals/breathing/breathing.ts'
import type { Estimate } from '../signals/maths/estimate.ts'
import { createPleth } from '../signals/pulse/pleth.ts'
import { createPulsePolarity } from '../signals/pulse/pulse-polarity.ts'
import { onTheWire } from '../signals/vital-signs.ts'

export const recordingKinds = ['ppg', 'ppg-red-ir', 'pressure'] as const
export type RecordingKind = (typeof recordingKinds)[number]

export interface RecordingOptions {
  readonly kind: RecordingKind
  readonly hz: number
  /** Whether systole (light) or inspiration (pressure) raises the samples. Unless told, light of one colour is looked at; else the usual of the kind. */
  readonly rising?: boolean | undefined
  readonly fullScale?: number | undefined
}

/** One kind of recording through the same code as a board's sensors. Rows are `[light]`, `[red, infrared]` or `[cmH2O]`. */
export interface RecordingAnalysis {
  push(row: readonly number[]): void
  /** What is known at the end of this second, ready to be written as JSON. */
  second(): Record<string, unknown>
  /** The recording is over: beats that were not certain before. */
  finish(): readonly number[]
}

const DIGITS = 3

export function createRecordingAnalysis(options: RecordingOptions): RecordingAnalysis {
  if (options.kind === 'pressure') return analysePressure(options)
  const isTold = options.kind === 'ppg-red-ir' || options.rising !== undefined || options.fullScale !== undefined
  return isTold ? analyseLight(options) : analyseEitherWay(options)
}

// No pulse rate is told before this, so nothing comes later for the waiting.
const LOOK_S = 6

/** Light of one colour from anywhere, monitors included: its first seconds tell which way up it is. */
function analyseEitherWay(options: RecordingOptions): RecordingAnalysis {
  const polarity = createPulsePolarity(options.hz)
  let waiting: (readonly number[])[] | undefined = []
  let analysis = analyseLight(options)
  const decide = (): void => {
    if (!waiting) return
    if (polarity.falling === false) analysis = analyseLight({ ...options, rising: true })
    for (const row of waiting) analysis.push(row)
    waiting = undefined
  }
  return {
    push(row) {
      if (!waiting) return analysis.push(row)
      polarity.push(row[0] as number)
      waiting.push(row)
      if (waiting.length >= LOOK_S * options.hz) decide()
    },
    second: () => analysis.second(),
    finish() {
      decide()
      return analysis.finish()
    },
  }
}

function analyseLight({ kind, hz, rising = false, fullScale }: RecordingOptions): RecordingAnalysis {
  const pleth = createPleth({ hz, polarity: rising ? 'pulse' : 'counts', fullScale })
  return {
    push: kind === 'ppg-red-ir' ? ([red, ir]) => pleth.push(ir as number, red) : ([light]) => pleth.push(light as number),
    second() {
      const { pr, spo2, pi, rrppg, beats, source } = pleth.update()
      return { ...line({ pr, ...(spo2 && { spo2 }), pi, rr: rrppg, rrppg }), ...(source && { source }), beats: beats.map(short) }
    },
    finish: () => pleth.finish().map(short),
  }
}

function analysePressure({ hz, rising = true }: RecordingOptions): RecordingAnalysis {
  const breathing = createBreathing({ hz, polarity: rising ? 'rise' : 'dip' })
  return {
    push: ([pressure]) => breathing.push(pressure as number),
    second() {
      const { rr, peep, pip, paw, apnoea, breaths, onsets } = breathing.update()
      return { ...line({ rr, peep, pip, paw }), ...(apnoea && { apnoea }), breaths: onsets.map(short), ...(breaths.length > 0 && { cycles: breaths.map(shortBreath) }) }
    },
    finish: () => [],
  }
}

function line(estimates: Partial<Record<SignalName, Estimate>>): Record<string, unknown> {
  const { m, q, x, sq } = onTheWire(estimates)
  const values = Object.fromEntries(Object.entries(m).map(([name, value]) => [name, short(value)]))
  return { ...values, sq, ...(Object.keys(q).length > 0 && { q }), ...(Object.keys(x).length > 0 && { x }) }
}

const short = (value: number): number => Number(value.toFixed(DIGITS))
const shortBreath = (breath: Breath): Record<string, number> => Object.fromEntries(Object.entries(breath).map(([name, value]) => [name, short(value as number)]))
