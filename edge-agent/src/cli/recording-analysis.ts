import { type SignalName } from '@vigil/contract/catalogue'
import { type Breath } from '../signals/breath.ts'
import { createBreathing } from '../signals/breathing.ts'
import { type Estimate } from '../signals/estimate.ts'
import { createPleth } from '../signals/pleth.ts'
import { onTheWire } from '../signals/vital-signs.ts'

export const recordingKinds = ['ppg', 'ppg-red-ir', 'pressure'] as const
export type RecordingKind = (typeof recordingKinds)[number]

export interface RecordingOptions {
  readonly kind: RecordingKind
  readonly hz: number
  /** Whether systole (light) or inspiration (pressure) raises the samples; the usual for the kind unless told. */
  readonly rising?: boolean | undefined
  readonly fullScale?: number | undefined
}

/** One kind of recording through the same code as a board's sensors. Rows are `[light]`, `[red, infrared]` or `[cmH2O]`. */
export interface RecordingAnalysis {
  push(row: readonly number[]): void
  /** What is known at the end of this second, ready to be written as JSON. */
  second(): Record<string, unknown>
}

const DIGITS = 3

export function createRecordingAnalysis(options: RecordingOptions): RecordingAnalysis {
  return options.kind === 'pressure' ? analysePressure(options) : analyseLight(options)
}

function analyseLight({ kind, hz, rising = false, fullScale }: RecordingOptions): RecordingAnalysis {
  const pleth = createPleth({ hz, polarity: rising ? 'pulse' : 'counts', fullScale })
  return {
    push: kind === 'ppg-red-ir' ? ([red, ir]) => pleth.push(ir as number, red) : ([light]) => pleth.push(light as number),
    second() {
      const { pr, spo2, pi, rrppg, beats, source } = pleth.update()
      return { ...line({ pr, ...(spo2 && { spo2 }), pi, rr: rrppg, rrppg }), ...(source && { source }), beats: beats.map(short) }
    },
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
  }
}

function line(estimates: Partial<Record<SignalName, Estimate>>): Record<string, unknown> {
  const { m, q, x, sq } = onTheWire(estimates)
  const values = Object.fromEntries(Object.entries(m).map(([name, value]) => [name, short(value)]))
  return { ...values, sq, ...(Object.keys(q).length > 0 && { q }), ...(Object.keys(x).length > 0 && { x }) }
}

const short = (value: number): number => Number(value.toFixed(DIGITS))
const shortBreath = (breath: Breath): Record<string, number> => Object.fromEntries(Object.entries(breath).map(([name, value]) => [name, short(value as number)]))
