import { AppError } from '@vigil/contract/errors'
import type { DurableDocument } from '../commands/durable-document.ts'
import type { Reading } from '../sensors/reading.ts'
import { an6845, type CalibrationPoint, recalibrate, type SpO2Curve } from '../signals/light/spo2-curve.ts'

/** What was learnt about this very board; survives a restart. */
export interface CalibrationMemory {
  readonly curve?: SpO2Curve
  readonly points?: readonly CalibrationPoint[]
  /** To be added to what a thermometer says, Cel, by signal. */
  readonly offsetsCel?: Readonly<Record<string, number>>
  /** What the mask's sensor shows above the room's with the mask in the air, Pa. */
  readonly maskZeroPa?: number
  /** The same of a sensor that feels the room by itself, Pa. */
  readonly gaugeZeroPa?: number
}

export interface Calibration {
  readonly signals: readonly string[]
  /** The curve in use. A calibration changes it in place, so that a measurement under way need not begin anew. */
  readonly curve: SpO2Curve
  /** The reading with this board's corrections. */
  adjust(reading: Reading): Reading
  /** Ratio of ratios of a second with a saturation; `undefined` for one without. */
  hearRatio(ratio: number | undefined): void
  /** @throws AppError `INVALID_REQUEST` with what to do instead. */
  calibrate(signal: string, reference: number | undefined): Readonly<Record<string, unknown>>
}

const calibratedSignals = ['spo2', 'temp', 'tcore', 'tskin', 'paw'] as const

/** The reference and the board must see the same saturation for this long. */
const STEADY_S = 10
const STEADY_RATIOS = 0.1
const CLOSEST_RATIOS = 0.05
const MOST_POINTS = 3
/** A thermometer further off than this is broken or not where the reference is. */
const MOST_OFFSET_CEL = 2
/** More between two barometers is a mask on a face, and so is a pressure that moves. */
const MOST_ZERO_PA = 400
const CALM_PA = 40
const PRESSURES_KEPT = 64

type PressureChannel = 'mask_pressure' | 'ambient_pressure' | 'mask_gauge'
const isPressure = (channel: string): channel is PressureChannel => channel === 'mask_pressure' || channel === 'ambient_pressure' || channel === 'mask_gauge'

export function createCalibration(document: DurableDocument<CalibrationMemory>): Calibration {
  return new BoardCalibration(document)
}

class BoardCalibration implements Calibration {
  readonly signals = calibratedSignals
  readonly curve: SpO2Curve
  readonly #document: DurableDocument<CalibrationMemory>
  #memory: CalibrationMemory
  #ratios: number[] = []
  readonly #temperatures = new Map<string, number>()
  readonly #pressures: Record<PressureChannel, number[]> = { mask_pressure: [], ambient_pressure: [], mask_gauge: [] }

  constructor(document: DurableDocument<CalibrationMemory>) {
    this.#document = document
    this.#memory = document.load() ?? {}
    this.curve = { ...(this.#memory.curve ?? an6845) }
  }

  adjust(reading: Reading): Reading {
    if (reading.kind === 'value') {
      this.#temperatures.set(reading.signal, reading.value)
      const offset = this.#memory.offsetsCel?.[reading.signal]
      return offset === undefined ? reading : { ...reading, value: reading.value + offset }
    }
    if (reading.kind !== 'block' || !isPressure(reading.channel)) return reading
    const kept = this.#pressures[reading.channel]
    for (let i = 0; i < reading.values.length; i += 1) if (kept.push(reading.values[i] as number) > PRESSURES_KEPT) kept.shift()
    const zero = this.#zeroOf(reading.channel)
    return zero === undefined ? reading : { ...reading, values: reading.values.map((pa) => pa - zero) }
  }

  #zeroOf(channel: PressureChannel): number | undefined {
    if (channel === 'mask_pressure') return this.#memory.maskZeroPa
    return channel === 'mask_gauge' ? this.#memory.gaugeZeroPa : undefined
  }

  hearRatio(ratio: number | undefined): void {
    this.#ratios = ratio === undefined ? [] : [...this.#ratios, ratio].slice(-STEADY_S)
  }

  calibrate(signal: string, reference: number | undefined): Readonly<Record<string, unknown>> {
    if (signal === 'spo2') return this.#saturation(reference)
    return signal === 'paw' ? this.#mask() : this.#temperature(signal, reference)
  }

  #keep(changes: CalibrationMemory): void {
    const next = { ...this.#memory, ...changes }
    this.#document.save(next)
    this.#memory = next
  }

  #saturation(reference: number | undefined): Readonly<Record<string, unknown>> {
    if (reference === undefined) throw refused('Give the saturation a trusted oximeter shows on the same person at this moment.')
    if (this.#ratios.length < STEADY_S || spread(this.#ratios) > STEADY_RATIOS) throw refused('The saturation must be steady for ten seconds, with the finger still. Try again in a moment.')
    const ratio = mean(this.#ratios)
    const others = (this.#memory.points ?? []).filter((point) => Math.abs(point.ratio - ratio) >= CLOSEST_RATIOS)
    const points = [...others, { ratio, spo2: reference }].slice(-MOST_POINTS)
    if (points.length === 1) {
      this.#keep({ points })
      return { points: 1, next: 'One point is kept. Take another at a clearly different saturation; only then the curve changes.' }
    }
    const found = recalibrate(this.#memory.curve ?? an6845, points)
    if (!found.ok) throw refused(found.why)
    this.#keep({ points, curve: found.curve })
    Object.assign(this.curve, found.curve)
    return { points: points.length, curve: { ...found.curve } }
  }

  #temperature(signal: string, reference: number | undefined): Readonly<Record<string, unknown>> {
    const raw = this.#temperatures.get(signal)
    if (raw === undefined) throw refused(`No sensor of this board gives ${signal}.`)
    if (reference === undefined) throw refused('Give the temperature a trusted thermometer shows at the same place.')
    const offset = Number((reference - raw).toFixed(3))
    if (Math.abs(offset) > MOST_OFFSET_CEL) {
      throw refused(`The sensor shows ${raw.toFixed(2)} Cel, ${Math.abs(offset).toFixed(1)} away from the reference. More than ${MOST_OFFSET_CEL} is no calibration: wait until both are warm, or replace the sensor.`)
    }
    this.#keep({ offsetsCel: { ...this.#memory.offsetsCel, [signal]: offset } })
    return { offset }
  }

  /** A gauge sensor, where there is one, is the one that is heard. */
  #mask(): Readonly<Record<string, unknown>> {
    const { mask_pressure: mask, ambient_pressure: room, mask_gauge: gauge } = this.#pressures
    const hasGauge = gauge.length >= PRESSURES_KEPT / 2
    if (!hasGauge && (mask.length < PRESSURES_KEPT / 2 || room.length === 0)) throw refused('The zero of the mask needs both pressure sensors, mask and room, or one that feels both. Check them with vigil-agent scan.')
    const zeroPa = Number((hasGauge ? mean(gauge) : mean(mask) - mean(room)).toFixed(2))
    if (spread(hasGauge ? gauge : mask) > CALM_PA || Math.abs(zeroPa) > MOST_ZERO_PA) throw refused('Take the mask off and let it hang in the air, then calibrate again.')
    this.#keep(hasGauge ? { gaugeZeroPa: zeroPa } : { maskZeroPa: zeroPa })
    return { zeroPa }
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values)
const refused = (why: string): AppError => new AppError('INVALID_REQUEST', why)
