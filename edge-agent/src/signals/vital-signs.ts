import type { SignalName } from '@vigil/contract/catalogue'
import type { AbsenceReason, QuestionReason } from '@vigil/contract/quality'
import type { Breath } from './breathing/breath.ts'
import type { Estimate } from './maths/estimate.ts'
import { createFingerStream, type FingerOptions } from './light/finger-stream.ts'
import { createMaskStream, type MaskOptions } from './breathing/mask-stream.ts'
import type { PulseEstimates } from './pulse/pulse-measures.ts'
import type { SampleBlock } from './maths/sample-stream.ts'
import { createTemperatureJudge, type TemperatureSignal } from './temperature.ts'

/** Counts of the finger sensor (`red`, `ir`), absolute pressures in Pa, and that of the mask above the room. */
export type VitalChannel = 'red' | 'ir' | 'mask_pressure' | 'ambient_pressure' | 'mask_gauge'

export interface VitalSignsOptions extends FingerOptions, MaskOptions {}

/** One second of a board under its wire names: a signal is in `m` or in `x`, never in both, and not at all when it has no sensor. */
export interface VitalSecond {
  readonly m: Readonly<Partial<Record<SignalName, number>>>
  readonly q: Readonly<Partial<Record<SignalName, QuestionReason>>>
  readonly x: Readonly<Partial<Record<SignalName, AbsenceReason>>>
  readonly sq: Readonly<Partial<Record<SignalName, number>>>
  /** Heart beats that became certain in this second; milliseconds of the blocks' clock. */
  readonly beats: readonly number[]
  /** Breaths completed in this second; `onset` in milliseconds of the blocks' clock. */
  readonly breaths: readonly Breath[]
  /** No breath for 20 s: `m.rr` is 0. */
  readonly apnoea: boolean
  /** Ratio of ratios behind `m.spo2`, for calibration; `undefined` without a saturation. */
  readonly ratio: number | undefined
}

/** Makes values of what the sensors of one board sample. It has no clock: whoever calls `second` once a second is the clock. */
export interface VitalSigns {
  push(channel: VitalChannel, block: SampleBlock): void
  /** A sensor was asked and could not answer. */
  missing(channel: VitalChannel, reason: AbsenceReason): void
  /** @param atMs when it was measured, on the blocks' clock */
  temperature(signal: TemperatureSignal, celsius: number, atMs: number): void
  second(): VitalSecond
}

export function createVitalSigns(options: VitalSignsOptions = {}): VitalSigns {
  const finger = createFingerStream(options)
  const mask = createMaskStream(options)
  const judgeTemperature = createTemperatureJudge()
  let temperatures: Partial<Record<SignalName, Estimate>> = {}

  return {
    push(channel, block) {
      if (channel === 'mask_pressure') mask.pushMask(block)
      else if (channel === 'ambient_pressure') mask.pushAmbient(block)
      else if (channel === 'mask_gauge') mask.pushGauge(block)
      else finger.push(channel, block)
    },
    missing(channel, reason) {
      if (channel === 'mask_pressure') mask.missing('mask', reason)
      else if (channel === 'ambient_pressure') mask.missing('ambient', reason)
      else if (channel === 'mask_gauge') mask.missing('gauge', reason)
      else finger.missing(channel, reason)
    },
    temperature(signal, celsius, atMs) {
      temperatures = { ...temperatures, [signal]: judgeTemperature(signal, celsius, atMs / 1000) }
    },
    second() {
      const pulse = finger.second()
      const breath = mask.second()
      const estimates: Partial<Record<SignalName, Estimate>> = {
        ...temperatures,
        ...(pulse && { pr: pulse.pr, pi: pulse.pi, rrppg: pulse.rrppg, ...(pulse.spo2 && { spo2: pulse.spo2 }) }),
        ...(breath && { rr: breath.rr, peep: breath.peep, pip: breath.pip, paw: breath.paw }),
      }
      temperatures = {}
      return { ...onTheWire(estimates), beats: pulse?.beats ?? [], breaths: breath?.breaths ?? [], apnoea: breath?.apnoea ?? false, ratio: ratioOf(pulse) }
    },
  }
}

const ratioOf = (pulse: PulseEstimates | undefined): number | undefined => (pulse?.spo2?.value === undefined ? undefined : pulse.spo2.ratio)

/** Estimates by wire name, sorted into values, questions, absences and quality. */
export function onTheWire(estimates: Partial<Record<SignalName, Estimate>>): Pick<VitalSecond, 'm' | 'q' | 'x' | 'sq'> {
  const m: Partial<Record<SignalName, number>> = {}
  const q: Partial<Record<SignalName, QuestionReason>> = {}
  const x: Partial<Record<SignalName, AbsenceReason>> = {}
  const sq: Partial<Record<SignalName, number>> = {}
  for (const [key, { value, absent, question, sq: quality }] of Object.entries(estimates)) {
    const name = key as SignalName
    if (value === undefined) {
      x[name] = absent ?? 'no-lock'
      continue
    }
    m[name] = value
    sq[name] = quality
    if (question) q[name] = question
  }
  return { m, q, x, sq }
}
