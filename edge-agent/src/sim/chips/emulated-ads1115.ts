import type { Clock } from '@vigil/contract/clock'
import { RegisterChip } from './register-chip.ts'

export interface EmulatedAds1115Options {
  readonly clock: Clock
  /** Volts at inputs 0 to 3 against ground. */
  readonly volt: (input: number, atMs: number) => number
}

const Register = { CONVERSION: 0x00, CONFIG: 0x01, LO_THRESH: 0x02, HI_THRESH: 0x03 } as const
const powerOn: readonly (readonly [number, number])[] = [
  [Register.CONVERSION, 0x0000],
  [Register.CONFIG, 0x0583],
  [Register.LO_THRESH, 0x8000],
  [Register.HI_THRESH, 0x7fff],
]
const OS = 0x8000
const SINGLE_SHOT = 0x0100
const fullScaleVolt = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256] as const
const samplesPerSecond = [8, 16, 32, 64, 128, 250, 475, 860] as const
/** Positive and negative input of each multiplexer setting; `undefined` is ground. */
const pairs: readonly (readonly [number, number | undefined])[] = [[0, 1], [0, 3], [1, 3], [2, 3], [0, undefined], [1, undefined], [2, undefined], [3, undefined]]

/** ADS1115: single shot and continuous conversion with the multiplexer, gain and rate of its CONFIG; OS reads 1 while nothing is converted. */
export class EmulatedAds1115 extends RegisterChip {
  readonly #volt: EmulatedAds1115Options['volt']
  #registers = new Map<number, number>()
  #startedMs: number | undefined
  #saturated = false

  constructor({ clock, volt }: EmulatedAds1115Options) {
    super(clock)
    this.#volt = volt
    this.powerCycle()
  }

  powerCycle(): void {
    this.#registers = new Map(powerOn)
    this.#startedMs = undefined
  }

  override faults(): ReturnType<RegisterChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  protected override widthOf(): 2 {
    return 2
  }

  protected override pointerFrom(byte: number): number {
    return byte & 3
  }

  protected override after(register: number): number {
    return register
  }

  protected catchUp(): void {
    const config = this.#config()
    const takesMs = 1_000 / (samplesPerSecond[(config >> 5) & 7] ?? 128)
    if (this.#startedMs === undefined) return
    const ended = Math.floor((this.clock.monotonic() - this.#startedMs) / takesMs)
    if (ended < 1) return
    const once = (config & SINGLE_SHOT) !== 0
    this.#registers.set(Register.CONVERSION, this.#convert(config, this.#startedMs + (once ? 0.5 : ended - 0.5) * takesMs))
    if (once) this.#startedMs = undefined
  }

  protected readRegister(register: number): number {
    const value = this.#registers.get(register) ?? 0
    return register === Register.CONFIG && this.#startedMs === undefined ? value | OS : value
  }

  protected writeRegister(register: number, value: number): void {
    if (register === Register.CONVERSION) return
    this.#registers.set(register, register === Register.CONFIG ? value & ~OS : value)
    if (register !== Register.CONFIG) return
    const converts = (value & SINGLE_SHOT) === 0 || (value & OS) !== 0
    this.#startedMs = converts ? this.clock.monotonic() : undefined
  }

  #convert(config: number, atMs: number): number {
    const [plus, minus] = pairs[(config >> 12) & 7] ?? [0, undefined]
    const volt = this.#volt(plus, atMs) - (minus === undefined ? 0 : this.#volt(minus, atMs))
    const code = Math.round((volt / (fullScaleVolt[(config >> 9) & 7] ?? 6.144)) * 32_768)
    // The sensor at its end of scale drives its input to the rail and beyond what the converter takes.
    return this.#saturated ? 0x7fff : Math.max(-0x8000, Math.min(0x7fff, code)) & 0xffff
  }

  #config(): number {
    return this.#registers.get(Register.CONFIG) ?? 0
  }
}

/** An MPXV7002 at input 0 with its supply at input 1, and the offset that a part may have. */
export function mpxv7002(gaugePa: (atMs: number) => number, { supplyVolt = 5.02, offsetVolt = 0.04 } = {}): EmulatedAds1115Options['volt'] {
  return (input, atMs) => {
    if (input === 1) return supplyVolt
    return input === 0 ? Math.min(supplyVolt, Math.max(0, supplyVolt * (0.2 * (gaugePa(atMs) / 1_000) + 0.5) + offsetVolt)) : 0
  }
}
