import type { Clock } from '@vigil/contract/clock'
import { SensirionChip } from './sensirion-chip.ts'

export interface EmulatedSdpOptions {
  readonly clock: Clock
  readonly family: '3x' | '8xx'
  /** Difference between its two sides in Pa, at a time of `clock.monotonic()`. */
  readonly differencePa: (atMs: number) => number
}

const Command = { STOP: 0x3ff9, AVERAGED: 0x3615, SINGLE: 0x361e, PRODUCT_1: 0x367c, PRODUCT_2: 0xe102 } as const
const product = { '3x': [0x0301, 0x0101], '8xx': [0x0302, 0x0a01] } as const
const SERIAL = [0x0000, 0x0000, 0x2a3b, 0x4c5d] as const
const COUNTS_PER_PA = 60
const FIRST_RESULT_MS = 8
const FURTHER_RESULT_MS = 0.5
const CHIP_CEL = 25
/** Points at which the average over the time since the last reading is taken. */
const POINTS = 8

/** SDP31, SDP810 and the like, ±500 Pa: idle until told to measure; then every reading is the mean since the one before. */
export class EmulatedSdp extends SensirionChip {
  readonly #options: EmulatedSdpOptions
  #measuringSinceMs: number | undefined
  #readMs = 0
  #asksProduct = false
  #saturated = false

  constructor(options: EmulatedSdpOptions) {
    super(options.clock)
    this.#options = options
    this.powerCycle()
  }

  powerCycle(): void {
    this.#measuringSinceMs = undefined
    this.#asksProduct = false
    this.forgetAnswer()
  }

  override faults(): ReturnType<SensirionChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  protected obey(command: number): readonly number[] | boolean {
    if (this.#measuringSinceMs !== undefined) return command === Command.STOP && this.#stop()
    const asksProduct = this.#asksProduct
    this.#asksProduct = command === Command.PRODUCT_1
    if (command === Command.PRODUCT_2 && asksProduct) return [...product[this.#options.family], ...SERIAL]
    if (command === Command.AVERAGED || command === Command.SINGLE) {
      this.#measuringSinceMs = this.clock.monotonic()
      this.#readMs = this.#measuringSinceMs
      return true
    }
    return command === Command.PRODUCT_1 || command === Command.STOP
  }

  protected override unasked(): readonly number[] | undefined {
    const sinceMs = this.#measuringSinceMs
    const nowMs = this.clock.monotonic()
    if (sinceMs === undefined || nowMs - sinceMs < FIRST_RESULT_MS || nowMs - this.#readMs < FURTHER_RESULT_MS) return undefined
    let mean = 0
    for (let i = 0; i < POINTS; i += 1) mean += this.#options.differencePa(this.#readMs + ((i + 0.5) * (nowMs - this.#readMs)) / POINTS) / POINTS
    this.#readMs = nowMs
    const raw = this.#saturated ? 0x7fff : Math.max(-0x8000, Math.min(0x7fff, Math.round(mean * COUNTS_PER_PA)))
    return [raw & 0xffff, CHIP_CEL * 200, COUNTS_PER_PA]
  }

  #stop(): true {
    this.#measuringSinceMs = undefined
    return true
  }
}
