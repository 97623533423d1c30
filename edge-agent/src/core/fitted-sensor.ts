import type { Clock, Stop } from '@vigil/contract/clock'
import { AppError } from '@vigil/contract/errors'
import type { SignalName } from '@vigil/contract/catalogue'
import type { I2cBus } from '../bus/i2c.ts'
import type { Sensor, SensorDefinition } from '../sensors/define-sensor.ts'
import type { SharedPace } from './shared-pace.ts'
import { absent, type Channel, type Reading } from '../sensors/reading.ts'

export interface FittedSensorOptions {
  readonly definition: SensorDefinition
  readonly address: number
  readonly options: Readonly<Record<string, number>> | undefined
  readonly bus: I2cBus
  readonly clock: Clock
  readonly pace: SharedPace
  readonly onReadings: (readings: readonly Reading[]) => void
  readonly onFault: (why: string) => void
  readonly onRecovery: () => void
  /** It works, works no more, or is used no more: another may be the one that is heard. */
  readonly onChange: () => void
}

/** One chip on the board, kept in use: read at the pace it needs, opened again after a fault, never in the way of the others. */
export interface FittedSensor {
  readonly model: string
  readonly address: number
  /** Everything it reports, as far as known. */
  reports(): readonly (SignalName | Channel)[]
  /** Why it does not work; `undefined` while it does. */
  fault(): string | undefined
  start(): Promise<void>
  /** Reads at once, out of turn. */
  readNow(): Promise<void>
  leds(): Sensor['leds']
  /** Not used until told otherwise: what it would report is absent, as `disabled`. */
  setOff(off: boolean): Promise<void>
  isOff(): boolean
  /** How often a sensor of single values is read; one that samples a stream keeps its own pace. */
  setValueInterval(ms: number): void
  /** Asks the chip who it is, changing nothing. A sentence when it does not answer as it should. */
  test(): Promise<string | undefined>
  stop(): Promise<void>
}

/** Silence for this long is a fault, and longer for a sensor that is read rarely: a single refused transfer is none. */
const FAULT_AFTER_MS = 1_000
const FAULT_AFTER_READS = 1.5
const RETRY_FIRST_MS = 1_000
const RETRY_MOST_MS = 30_000
const SAY_DISABLED_EVERY_MS = 1_000

export function fittedSensor(options: FittedSensorOptions): FittedSensor {
  return new SensorInUse(options)
}

class SensorInUse implements FittedSensor {
  readonly model: string
  readonly address: number
  readonly #options: FittedSensorOptions
  #sensor: Sensor | undefined
  #fault: string | undefined
  #lastGoodMs: number
  #busy: Promise<void> | undefined
  #retryMs = RETRY_FIRST_MS
  #stopTimer: Stop = () => {}
  #stopped = false
  #off = false
  #valueIntervalMs = 0

  constructor(options: FittedSensorOptions) {
    this.#options = options
    this.model = options.definition.model
    this.address = options.address
    this.#lastGoodMs = options.clock.monotonic()
  }

  reports(): readonly (SignalName | Channel)[] {
    const { signals, channels } = this.#options.definition
    return this.#sensor?.reports ?? [...signals.map(({ signal }) => signal), ...channels.map(({ channel }) => channel)]
  }

  fault(): string | undefined {
    return this.#fault
  }

  leds(): Sensor['leds'] {
    return this.#fault === undefined ? this.#sensor?.leds : undefined
  }

  async start(): Promise<void> {
    if (this.#off) this.#sayDisabled()
    else await this.#open()
  }

  async setOff(off: boolean): Promise<void> {
    if (off === this.#off) return
    this.#off = off
    this.#options.onChange()
    if (!off) return this.#open()
    this.#stopTimer()
    await this.#busy
    await this.#sensor?.close().catch(() => {})
    this.#sensor = undefined
    this.#fault = undefined
    this.#options.onChange()
    this.#sayDisabled()
  }

  isOff(): boolean {
    return this.#off
  }

  setValueInterval(ms: number): void {
    this.#valueIntervalMs = ms
    if (this.#sensor && this.#fault === undefined && !this.#off) this.#readRegularly()
  }

  async test(): Promise<string | undefined> {
    const { definition, address, bus } = this.#options
    if (this.#off) return undefined
    if (this.#fault !== undefined) return this.#fault
    await this.#busy
    return definition.identify(bus.open({ address })).then((is) => (is ? undefined : 'Another chip answers at its address'), (error: unknown) => (error instanceof AppError ? error.message : 'It does not answer'))
  }

  async readNow(): Promise<void> {
    await this.#busy
    if (this.#sensor && this.#fault === undefined) await this.#read(this.#sensor)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopTimer()
    await this.#busy
    // The chip is put to rest when it still answers; when not, there is nothing to put to rest.
    await this.#sensor?.close().catch(() => {})
  }

  async #open(): Promise<void> {
    const { definition, address, options, bus, clock } = this.#options
    this.#stopTimer()
    try {
      const i2c = bus.open({ address })
      this.#sensor = await definition.open(i2c, { clock, ...(options && { options }) })
      if (this.#stopped) return await this.#sensor.close()
      this.#retryMs = RETRY_FIRST_MS
      this.#lastGoodMs = clock.monotonic()
      if (this.#fault !== undefined) this.#options.onRecovery()
      this.#fault = undefined
      this.#options.onChange()
      this.#sayWarmup(this.#sensor)
      this.#readRegularly()
    } catch (error) {
      this.#broken(error)
    }
  }

  #everyMs(): number {
    const { readEveryMs, channels } = this.#options.definition
    return channels.length > 0 ? readEveryMs : Math.max(readEveryMs, this.#valueIntervalMs)
  }

  #readRegularly(): void {
    this.#stopTimer()
    this.#stopTimer = this.#options.pace.every(this.#everyMs(), () => this.#readInTurn())
  }

  /** Until the first reading: an object says of every signal it has that it is there, or why it is not. */
  #sayWarmup({ reports }: Sensor): void {
    this.#options.onReadings(reports.map((of) => absent(of, 'warmup')))
  }

  /** Said again now and then, because a value that is not spoken of is taken for broken. */
  #sayDisabled(): void {
    const say = (): void => this.#options.onReadings(this.reports().map((of) => absent(of, 'disabled')))
    say()
    this.#stopTimer()
    this.#stopTimer = this.#options.clock.every(SAY_DISABLED_EVERY_MS, say)
  }

  #readInTurn(): void {
    // A slow bus must not pile up reads behind each other.
    if (this.#busy || !this.#sensor) return
    void this.#read(this.#sensor)
  }

  #read(sensor: Sensor): Promise<void> {
    this.#busy = sensor.read().then(this.#heard, this.#refused)
    return this.#busy
  }

  readonly #heard = (readings: readonly Reading[]): void => {
    this.#busy = undefined
    this.#lastGoodMs = this.#options.clock.monotonic()
    if (readings.length > 0) this.#options.onReadings(readings)
  }

  readonly #refused = (error: unknown): void => {
    this.#busy = undefined
    if (this.#options.clock.monotonic() - this.#lastGoodMs >= Math.max(FAULT_AFTER_MS, FAULT_AFTER_READS * this.#everyMs())) this.#broken(error)
  }

  #broken(error: unknown): void {
    if (this.#stopped || this.#off) return
    const why = error instanceof AppError ? error.message : 'The sensor does not work'
    const isNew = this.#fault === undefined
    this.#fault = why
    this.#options.onChange()
    this.#stopTimer()
    this.#options.onReadings(this.reports().map((of) => absent(of, 'fault')))
    if (isNew) this.#options.onFault(why)
    this.#stopTimer = this.#options.clock.after(this.#retryMs, () => void this.#open())
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MOST_MS)
  }
}
