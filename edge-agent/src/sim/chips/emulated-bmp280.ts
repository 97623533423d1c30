import type { Clock } from '@vigil/contract/clock'
import type { Bmp280Calibration } from '../../sensors/bmp280-compensation.ts'
import { gaussianAt } from '../seeded-noise.ts'
import { calibrationBytes, exampleCalibration, rawFor, type RawResult } from './bmp280-inverse.ts'
import type { Direction } from './emulated-chip.ts'
import { RegisterChip } from './register-chip.ts'

export interface EmulatedBmp280Options {
  readonly clock: Clock
  /** Absolute pressure and temperature at the chip, at a time of `clock.monotonic()`. */
  readonly pressurePa: (atMs: number) => number
  readonly temperatureCel: (atMs: number) => number
  readonly seed: number
  /** Standard deviation at ×1 oversampling; the chip's own is about 3.3 Pa. */
  readonly noisePa?: number
  readonly calibration?: Bmp280Calibration
}

const Register = { CALIBRATION: 0x88, ID: 0xd0, RESET: 0xe0, STATUS: 0xf3, CTRL_MEAS: 0xf4, CONFIG: 0xf5, PRESSURE: 0xf7, TEMPERATURE: 0xfa } as const
const RESET_WORD = 0xb6
const SKIPPED = 0x80000
const Mode = { SLEEP: 0, NORMAL: 3 } as const
const Status = { MEASURING: 0x08, UPDATING: 0x01 } as const
const START_UP_MS = 2
const oversampling = [0, 1, 2, 4, 8, 16, 16, 16] as const
const standbyMs = [0.5, 62.5, 125, 250, 500, 1_000, 2_000, 4_000] as const
const filterCoefficient = [1, 2, 4, 8, 16, 16, 16, 16] as const
/** 3.3 Pa at ×1 falls to 1.3 Pa at ×16: slower than the square root, because part of the noise is common. */
const NOISE_EXPONENT = -0.336

/** BMP280: sleep, forced and normal mode with their typical timing, oversampling with its resolution, IIR filter, 0x80000 when skipped. */
export class EmulatedBmp280 extends RegisterChip {
  readonly #options: EmulatedBmp280Options
  readonly #calibration: Bmp280Calibration
  readonly #trimming: Uint8Array
  #ctrlMeas = 0
  #config = 0
  #poweredMs = 0
  #startedMs = 0
  #conversions = 0
  #pressure = SKIPPED
  #temperature = SKIPPED
  #filtered: RawResult | undefined
  #saturated = false
  protected readonly chipId: number = 0x58

  constructor(options: EmulatedBmp280Options) {
    super(options.clock)
    this.#options = options
    this.#calibration = options.calibration ?? exampleCalibration
    this.#trimming = calibrationBytes(this.#calibration)
    this.powerCycle()
  }

  powerCycle(): void {
    this.#ctrlMeas = 0
    this.#config = 0
    this.#poweredMs = this.clock.monotonic()
    this.#pressure = SKIPPED
    this.#temperature = SKIPPED
    this.#filtered = undefined
    this.#restart()
  }

  override faults(): ReturnType<RegisterChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  /** What a chip with more to measure needs in each cycle. */
  protected furtherMs(): number {
    return 0
  }

  /** Several registers can be written in one transfer, each named by its own address (section 5.2.1). */
  protected override after(register: number, direction: Direction): number | undefined {
    return direction === 'write' ? undefined : super.after(register, direction)
  }

  /** The results are taken over when a transfer begins and do not change during it (shadowing, section 3.10). */
  protected catchUp(): void {
    const { mode, measureMs, cycleMs } = this.#timing()
    if (mode === Mode.SLEEP) return
    const ended = Math.floor((this.clock.monotonic() - this.#startedMs - measureMs) / cycleMs) + 1
    const due = mode === Mode.NORMAL ? ended : Math.min(1, ended)
    // An IIR filter has forgotten what lies further back than this.
    const first = Math.max(this.#conversions, due - 8 * this.#coefficient())
    for (let n = first; n < due; n += 1) this.#convert(n, this.#startedMs + n * cycleMs)
    if (due > this.#conversions) this.#conversions = due
    if (mode !== Mode.NORMAL && due === 1) this.#ctrlMeas &= ~3
  }

  protected readRegister(register: number): number {
    const trimming = this.#trimming[register - Register.CALIBRATION]
    if (trimming !== undefined) return trimming
    if (register >= Register.PRESSURE && register < Register.TEMPERATURE) return resultByte(this.#pressure, register - Register.PRESSURE)
    if (register >= Register.TEMPERATURE && register < Register.TEMPERATURE + 3) return resultByte(this.#temperature, register - Register.TEMPERATURE)
    if (register === Register.ID) return this.chipId
    if (register === Register.STATUS) return this.#status()
    if (register === Register.CTRL_MEAS) return this.#ctrlMeas
    return register === Register.CONFIG ? this.#config : 0
  }

  protected writeRegister(register: number, value: number): void {
    if (register === Register.RESET && value === RESET_WORD) this.powerCycle()
    if (register === Register.CTRL_MEAS) {
      this.#ctrlMeas = value
      this.#restart()
    }
    // Outside sleep mode the write may be ignored (section 4.3.5); here it always is, so that no driver relies on luck.
    if (register === Register.CONFIG && (this.#ctrlMeas & 3) === Mode.SLEEP) {
      this.#config = value
      this.#filtered = undefined
    }
  }

  /** Temperature first, then as many pressure conversions as the oversampling asks for, 2 ms each, and their mean. */
  #convert(n: number, fromMs: number): void {
    const { pressurePa, temperatureCel, seed, noisePa = 3.3 } = this.#options
    const { temperatureTimes, pressureTimes } = this.#oversampling()
    const pressureFromMs = fromMs + 1 + 2 * temperatureTimes
    let pa = pressureTimes === 0 ? 0 : noisePa * pressureTimes ** NOISE_EXPONENT * gaussianAt(seed, n)
    for (let time = 0; time < pressureTimes; time += 1) pa += pressurePa(pressureFromMs + 2 * time + 1) / pressureTimes
    // Far above what the chip can bear, the converter stops at its end.
    if (this.#saturated) pa = 3 * 110_000
    const measured = this.#filter(rawFor(pa, temperatureCel(fromMs), this.#calibration))
    this.#pressure = this.#quantised(measured.pressure, pressureTimes)
    this.#temperature = this.#quantised(measured.temperature, temperatureTimes)
  }

  #filter(raw: RawResult): RawResult {
    const coefficient = this.#coefficient()
    const before = this.#filtered ?? raw
    const blend = (old: number, now: number): number => (old * (coefficient - 1) + now) / coefficient
    this.#filtered = { temperature: blend(before.temperature, raw.temperature), pressure: blend(before.pressure, raw.pressure) }
    return this.#filtered
  }

  /** 16 bits at ×1, one more for each doubling; 20 bits behind the filter. */
  #quantised(raw: number, times: number): number {
    if (times === 0) return SKIPPED
    const step = this.#coefficient() > 1 ? 1 : 16 / times
    return Math.min(0xfffff, Math.max(0, Math.round(raw / step) * step))
  }

  #status(): number {
    const nowMs = this.clock.monotonic()
    const { mode, measureMs, cycleMs } = this.#timing()
    const measuring = mode !== Mode.SLEEP && (nowMs - this.#startedMs) % cycleMs < measureMs
    return (measuring ? Status.MEASURING : 0) | (nowMs - this.#poweredMs < START_UP_MS ? Status.UPDATING : 0)
  }

  #oversampling(): { temperatureTimes: number; pressureTimes: number } {
    return { temperatureTimes: oversampling[(this.#ctrlMeas >> 5) & 7] ?? 0, pressureTimes: oversampling[(this.#ctrlMeas >> 2) & 7] ?? 0 }
  }

  /** Typical times (section 3.8.1). */
  #timing(): { mode: number; measureMs: number; cycleMs: number } {
    const { temperatureTimes, pressureTimes } = this.#oversampling()
    const measureMs = 1 + 2 * temperatureTimes + (pressureTimes > 0 ? 2 * pressureTimes + 0.5 : 0) + this.furtherMs()
    return { mode: this.#ctrlMeas & 3, measureMs, cycleMs: measureMs + (standbyMs[this.#config >> 5] ?? 0) }
  }

  #coefficient(): number {
    return filterCoefficient[(this.#config >> 2) & 7] ?? 1
  }

  #restart(): void {
    this.#startedMs = this.clock.monotonic()
    this.#conversions = 0
  }
}

/** 20 bits over three bytes, the last four in the high half of the third. */
const resultByte = (raw: number, index: number): number => ((raw << 4) >> (16 - 8 * index)) & 0xff
