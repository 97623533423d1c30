import type { Clock } from '@vigil/contract/clock'
import { SensirionChip } from './sensirion-chip.ts'

export interface EmulatedScd4xOptions {
  readonly clock: Clock
  readonly co2Ppm: (atMs: number) => number
  readonly temperatureCel: (atMs: number) => number
  readonly humidityPercent: (atMs: number) => number
}

const Command = { START: 0x21b1, STOP: 0x3f86, READ: 0xec05, IS_READY: 0xe4b8, SERIAL: 0x3682, FORCED_RECALIBRATION: 0x362f } as const
const whileMeasuring: ReadonlySet<number> = new Set([Command.STOP, Command.READ, Command.IS_READY])
const SERIAL = [0xf896, 0x31b3, 0x07f1] as const
const EVERY_MS = 5_000
const STOP_MS = 500
const READY = 0x8006
const NOT_READY = 0x8000

/** SCD41: a result every 5 s while it measures, given once; most commands are refused then. */
export class EmulatedScd4x extends SensirionChip {
  readonly #options: EmulatedScd4xOptions
  #sinceMs: number | undefined
  #given = 0
  #busyUntilMs = 0
  #offsetPpm = 0
  #saturated = false

  constructor(options: EmulatedScd4xOptions) {
    super(options.clock)
    this.#options = options
    this.powerCycle()
  }

  powerCycle(): void {
    this.#sinceMs = undefined
    this.#busyUntilMs = 0
    this.forgetAnswer()
  }

  override faults(): ReturnType<SensirionChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  protected override takesArgument(command: number): boolean {
    return command === Command.FORCED_RECALIBRATION
  }

  protected obey(command: number, argument: number | undefined): readonly number[] | boolean {
    if (this.clock.monotonic() < this.#busyUntilMs) return false
    if (this.#sinceMs !== undefined && !whileMeasuring.has(command)) return false
    const orders: Readonly<Record<number, () => readonly number[] | boolean>> = {
      [Command.START]: () => this.#start(),
      [Command.STOP]: () => this.#stop(),
      [Command.IS_READY]: () => [this.#due() > this.#given ? READY : NOT_READY],
      [Command.SERIAL]: () => SERIAL,
      [Command.READ]: () => this.#result() ?? false,
      [Command.FORCED_RECALIBRATION]: () => argument !== undefined && this.#recalibrate(argument),
    }
    return orders[command]?.() ?? false
  }

  #due(): number {
    return this.#sinceMs === undefined ? 0 : Math.floor((this.clock.monotonic() - this.#sinceMs) / EVERY_MS)
  }

  #start(): true {
    this.#sinceMs = this.clock.monotonic()
    this.#given = 0
    return true
  }

  #stop(): true {
    this.#sinceMs = undefined
    this.#busyUntilMs = this.clock.monotonic() + STOP_MS
    return true
  }

  #result(): readonly number[] | undefined {
    const due = this.#due()
    if (due <= this.#given) return undefined
    this.#given = due
    const atMs = (this.#sinceMs ?? 0) + due * EVERY_MS
    const { co2Ppm, temperatureCel, humidityPercent } = this.#options
    const word = (value: number): number => Math.max(0, Math.min(0xffff, Math.round(value)))
    const co2 = this.#saturated ? 0xffff : word(co2Ppm(atMs) + this.#offsetPpm)
    return [co2, word(((temperatureCel(atMs) + 45) * 65_536) / 175), word((humidityPercent(atMs) * 65_536) / 100)]
  }

  /** Answers with the correction it made, 0x8000 being none. */
  #recalibrate(referencePpm: number): readonly number[] {
    const correction = Math.round(referencePpm - this.#options.co2Ppm(this.clock.monotonic()) - this.#offsetPpm)
    this.#offsetPpm += correction
    return [0x8000 + correction]
  }
}
