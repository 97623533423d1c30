import type { SignalName } from '@vigil/contract/catalogue'
import type { Clock, Stop } from '@vigil/contract/clock'
import type { I2cBus } from '../bus/i2c.ts'
import type { DurableDocument } from '../commands/durable-document.ts'
import type { Sensor, SensorDefinition } from '../sensors/define-sensor.ts'
import type { Channel, Reading } from '../sensors/reading.ts'
import { scan } from '../sensors/scan.ts'
import { fittedSensor, type FittedSensor } from './fitted-sensor.ts'
import { createSharedPace, type SharedPace } from './shared-pace.ts'

/** A chip that belongs to this board, whether it answers or not. */
export interface SensorPlace {
  readonly model: string
  readonly address: number
  /** What the chip cannot tell about itself, by the names of its definition's options. */
  readonly options?: Readonly<Record<string, number>>
}

export interface SensorStationOptions {
  readonly bus: I2cBus
  readonly clock: Clock
  readonly registry: readonly SensorDefinition[]
  /** The sensors of this board as a person has said: then no other is looked for or used. */
  readonly configured?: readonly SensorPlace[] | undefined
  /** Sensors found at earlier starts: one that is missing now is a fault, not a board without it. */
  readonly document: DurableDocument<readonly SensorPlace[]>
  readonly onReadings: (readings: readonly Reading[]) => void
  readonly onFault: (place: SensorPlace, why: string) => void
  readonly onRecovery: (place: SensorPlace) => void
  /** A sensor was found that was not there before. */
  readonly onChange: () => void
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

/** All sensors of the board. */
export interface SensorStation {
  start(): Promise<void>
  stop(): Promise<void>
  places(): readonly SensorPlace[]
  faults(): readonly (SensorPlace & { readonly why: string })[]
  /** Lights of the oximeter, when there is one that works. */
  leds(): Sensor['leds']
  /** Reads every sensor at once, out of turn. */
  readNow(): Promise<void>
  /** Which sensors are not used (`model@0xaddress`), and how often those of single values are read. */
  configure(options: StationConfig): Promise<void>
  /** Asks every sensor in use who it is; `why` when it does not answer as it should. */
  selfTest(): Promise<readonly (SensorPlace & { readonly why: string | undefined })[]>
}

export interface StationConfig {
  readonly off: readonly string[]
  readonly valueIntervalMs: number
}

/** A sensor plugged in later is noticed within this time. */
const LOOK_EVERY_MS = 30_000

export function createSensorStation(options: SensorStationOptions): SensorStation {
  return new Station(options)
}

class Station implements SensorStation {
  readonly #options: SensorStationOptions
  readonly #pace: SharedPace
  readonly #fitted: FittedSensor[] = []
  /** Who is heard of what, as far as asked since a sensor last changed: it is asked for each reading, and changes once in a day. */
  readonly #heardOf = new Map<SignalName | Channel, FittedSensor>()
  #stopLooking: Stop = () => {}
  #looking: Promise<void> | undefined
  #config: StationConfig = { off: [], valueIntervalMs: 0 }

  constructor(options: SensorStationOptions) {
    this.#options = options
    this.#pace = createSharedPace(options.clock)
  }

  async start(): Promise<void> {
    const { configured, document } = this.#options
    for (const place of configured ?? document.load() ?? []) await this.#fit(place)
    if (configured) return
    await this.#lookAround()
    this.#stopLooking = this.#options.clock.every(LOOK_EVERY_MS, () => void this.#lookAround())
  }

  async stop(): Promise<void> {
    this.#stopLooking()
    await this.#looking
    for (const sensor of this.#fitted) await sensor.stop()
  }

  places(): readonly SensorPlace[] {
    return this.#fitted.map(({ model, address }) => ({ model, address }))
  }

  faults(): readonly (SensorPlace & { readonly why: string })[] {
    return this.#fitted.flatMap((sensor) => faultOf(sensor))
  }

  leds(): Sensor['leds'] {
    return this.#fitted.map((sensor) => sensor.leds()).find((leds) => leds !== undefined)
  }

  async readNow(): Promise<void> {
    await Promise.all(this.#fitted.map((sensor) => sensor.readNow()))
  }

  async configure(config: StationConfig): Promise<void> {
    this.#config = config
    for (const sensor of this.#fitted) await this.#apply(sensor)
  }

  async selfTest(): Promise<readonly (SensorPlace & { readonly why: string | undefined })[]> {
    const parts: (SensorPlace & { why: string | undefined })[] = []
    for (const sensor of this.#fitted) parts.push({ model: sensor.model, address: sensor.address, why: await sensor.test() })
    return parts
  }

  async #apply(sensor: FittedSensor): Promise<void> {
    sensor.setValueInterval(this.#config.valueIntervalMs)
    await sensor.setOff(this.#config.off.includes(`${sensor.model}@0x${sensor.address.toString(16)}`))
  }

  async #fit({ model, address, options }: SensorPlace): Promise<void> {
    const { registry, bus, clock, onReadings, onFault, onRecovery } = this.#options
    const definition = registry.find((one) => one.model === model)
    if (!definition || this.#fitted.some((sensor) => sensor.address === address)) return
    const sensor = fittedSensor({
      definition,
      address,
      options,
      bus,
      clock,
      pace: this.#pace,
      onReadings: (readings) => onReadings(readings.filter((reading) => this.#isHeard(sensor, reading))),
      onFault: (why) => onFault({ model, address }, why),
      onRecovery: () => onRecovery({ model, address }),
      onChange: () => this.#heardOf.clear(),
    })
    this.#fitted.push(sensor)
    this.#heardOf.clear()
    await sensor.start()
    await this.#apply(sensor)
  }

  /**
   * Where several sensors give the same, the one that stands first in the registry among those that work is heard: two
   * thermometers must not make one temperature that jumps. A sensor that fails is not missing while another gives the same.
   */
  #isHeard(sensor: FittedSensor, reading: Reading): boolean {
    const of = subjectOf(reading)
    const best = this.#heardOf.get(of) ?? this.#bestFor(of)
    if (best) this.#heardOf.set(of, best)
    return best === undefined || best === sensor
  }

  #bestFor(of: SignalName | Channel): FittedSensor | undefined {
    const rank = ({ model }: FittedSensor): number => this.#options.registry.findIndex((one) => one.model === model)
    const givers = this.#fitted.filter((one) => one.fault() === undefined && !one.isOff() && one.reports().includes(of))
    return givers.reduce<FittedSensor | undefined>((first, one) => (first === undefined || rank(one) < rank(first) ? one : first), undefined)
  }

  #lookAround(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#options.log('sensors.scan_failed', { why: sentenceOf(error) }))
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  async #look(): Promise<void> {
    const known = this.#fitted.length
    const found = await scan(this.#options.bus, this.#options.registry)
    // A chip whose making or wiring a person must confirm is used only when it is configured.
    for (const { address, definition } of found) if (definition && !definition.confirm) await this.#fit({ model: definition.model, address })
    if (this.#fitted.length === known) return
    this.#save()
    this.#options.onChange()
  }

  #save(): void {
    const { document, log } = this.#options
    log('sensors.found', { sensors: this.places().map(({ model, address }) => `${model}@0x${address.toString(16)}`) })
    try {
      document.save(this.places())
    } catch (error) {
      log('sensors.not_saved', { why: sentenceOf(error) })
    }
  }
}

function subjectOf(reading: Reading): SignalName | Channel {
  if (reading.kind === 'absent') return reading.of
  return reading.kind === 'block' ? reading.channel : reading.signal
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function faultOf(sensor: FittedSensor): (SensorPlace & { why: string })[] {
  const why = sensor.fault()
  return why === undefined ? [] : [{ model: sensor.model, address: sensor.address, why }]
}
