import type { Clock } from '@vigil/contract/clock'
import { RegisterChip } from './register-chip.ts'

export interface EmulatedXgzp6897Options {
  readonly clock: Clock
  readonly gaugePa: (atMs: number) => number
  /** Counts in one Pa; 512 for parts of 10 kPa. */
  readonly countsPerPa?: number
  readonly rangePa?: number
}

const Register = { PRESSURE: 0x06, TEMPERATURE: 0x09, CMD: 0x30 } as const
const SCO = 0x08
const CONVERSION_MS = 20
const CHIP_CEL = 26

/** XGZP6897D: one conversion of pressure and temperature for each order, 20 ms; the bit that asked for it falls at its end. */
export class EmulatedXgzp6897 extends RegisterChip {
  readonly #options: EmulatedXgzp6897Options
  #cmd = 0
  #startedMs = 0
  #pressure = 0
  #temperature = 0
  #saturated = false

  constructor(options: EmulatedXgzp6897Options) {
    super(options.clock)
    this.#options = options
    this.powerCycle()
  }

  powerCycle(): void {
    this.#cmd = 0
    this.#pressure = 0
    this.#temperature = 0
  }

  override faults(): ReturnType<RegisterChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  protected catchUp(): void {
    if ((this.#cmd & SCO) === 0 || this.clock.monotonic() - this.#startedMs < CONVERSION_MS) return
    this.#cmd &= ~SCO
    const { gaugePa, countsPerPa = 512 } = this.#options
    const counts = Math.round(gaugePa(this.#startedMs + CONVERSION_MS / 2) * countsPerPa)
    this.#pressure = this.#saturated ? 0x7fffff : Math.max(-0x800000, Math.min(0x7fffff, counts))
    this.#temperature = CHIP_CEL * 256
  }

  protected readRegister(register: number): number {
    if (register >= Register.PRESSURE && register < Register.TEMPERATURE) return (this.#pressure >> (8 * (2 - (register - Register.PRESSURE)))) & 0xff
    if (register === Register.TEMPERATURE) return this.#temperature >> 8
    if (register === Register.TEMPERATURE + 1) return this.#temperature & 0xff
    return register === Register.CMD ? this.#cmd : 0
  }

  protected writeRegister(register: number, value: number): void {
    if (register !== Register.CMD) return
    this.#cmd = value
    this.#startedMs = this.clock.monotonic()
  }
}
