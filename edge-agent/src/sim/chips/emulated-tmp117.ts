import type { Clock } from '@vigil/contract/clock'
import { RegisterChip } from './register-chip.ts'

export interface EmulatedThermometerOptions {
  readonly clock: Clock
  /** What the probe lies on, in Cel, at a time of `clock.monotonic()`. */
  readonly temperatureCel: (atMs: number) => number
}

const Register = { TEMP_RESULT: 0x00, CONFIGURATION: 0x01, HIGH_LIMIT: 0x02, LOW_LIMIT: 0x03, DEVICE_ID: 0x0f } as const
const powerOn: readonly (readonly [number, number])[] = [
  [Register.CONFIGURATION, 0x0220],
  [Register.HIGH_LIMIT, 0x6000],
  [Register.LOW_LIMIT, 0x8000],
]
const NEVER_CONVERTED = 0x8000
const DATA_READY = 1 << 13
const SOFT_RESET = 1 << 1
/** Alert and ready flags and EEPROM_Busy are the chip's to write. */
const WRITABLE = 0x0ffe
const Mode = { SHUTDOWN: 1, ONE_SHOT: 3 } as const
const CONVERSION_MS = 15.5
const averages = [1, 8, 32, 64] as const
const pausesMs = [0, 125, 250, 500, 1_000, 4_000, 8_000, 16_000] as const
const LSB_PER_CEL = 128

/** TMP117: conversion cycle by CONV and AVG, −256 °C until the first result, Data_Ready cleared by reading result or configuration. */
export class EmulatedTmp117 extends RegisterChip {
  readonly #temperatureCel: (atMs: number) => number
  #registers = new Map<number, number>()
  #result = NEVER_CONVERTED
  #ready = false
  #saturated = false
  #startedMs = 0
  #conversions = 0

  constructor({ clock, temperatureCel }: EmulatedThermometerOptions) {
    super(clock)
    this.#temperatureCel = temperatureCel
    this.powerCycle()
  }

  powerCycle(): void {
    this.#registers = new Map(powerOn)
    this.#result = NEVER_CONVERTED
    this.#ready = false
    this.#restart()
  }

  override faults(): ReturnType<RegisterChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  protected override widthOf(): 2 {
    return 2
  }

  /** The pointer stays: the same register can be read again without being named. */
  protected override after(register: number): number {
    return register
  }

  protected catchUp(): void {
    const { mode, activeMs, cycleMs } = this.#timing()
    if (mode === Mode.SHUTDOWN) return
    const elapsedMs = this.clock.monotonic() - this.#startedMs
    const ended = Math.floor((elapsedMs - activeMs) / cycleMs) + 1
    const due = mode === Mode.ONE_SHOT ? Math.min(1, ended) : ended
    if (due <= this.#conversions) return
    this.#conversions = due
    const endedMs = this.#startedMs + (due - 1) * cycleMs + activeMs
    const steps = Math.round(this.#temperatureCel(endedMs - activeMs / 2) * LSB_PER_CEL)
    this.#result = this.#saturated ? 0x7fff : steps & 0xffff
    this.#ready = true
    if (mode === Mode.ONE_SHOT) this.#setConfiguration((this.#configuration() & ~0x0c00) | (Mode.SHUTDOWN << 10))
  }

  protected readRegister(register: number): number {
    if (register === Register.DEVICE_ID) return 0x0117
    const flags = this.#ready ? DATA_READY : 0
    if (register === Register.TEMP_RESULT) {
      this.#ready = false
      return this.#result
    }
    if (register !== Register.CONFIGURATION) return this.#registers.get(register) ?? 0
    this.#ready = false
    return this.#configuration() | flags
  }

  protected writeRegister(register: number, value: number): void {
    if (register === Register.TEMP_RESULT || register === Register.DEVICE_ID) return
    if (register !== Register.CONFIGURATION) {
      this.#registers.set(register, value)
      return
    }
    if (value & SOFT_RESET) this.powerCycle()
    else {
      this.#setConfiguration(value & WRITABLE)
      this.#restart()
    }
  }

  #configuration(): number {
    return this.#registers.get(Register.CONFIGURATION) ?? 0
  }

  #setConfiguration(value: number): void {
    this.#registers.set(Register.CONFIGURATION, value)
  }

  #restart(): void {
    this.#startedMs = this.clock.monotonic()
    this.#conversions = 0
  }

  #timing(): { mode: number; activeMs: number; cycleMs: number } {
    const configuration = this.#configuration()
    const activeMs = CONVERSION_MS * (averages[(configuration >> 5) & 3] ?? 1)
    return { mode: (configuration >> 10) & 3, activeMs, cycleMs: Math.max(activeMs, pausesMs[(configuration >> 7) & 7] ?? 0) }
  }
}
