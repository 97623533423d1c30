import { type DeviceState } from '@vigil/contract/messages/state'
import { identifyCommand, measureNowCommand } from '../commands/base-commands.ts'
import { type CommandDesk, createCommandDesk } from '../commands/command-desk.ts'
import { type Configuration, createConfiguration } from '../commands/configuration.ts'
import { channels, type Reading } from '../sensors/reading.ts'
import { createSpool, type Recordable, type Spool } from '../spool/protocol.ts'
import { type Agent, type AgentOptions, type AgentStatus } from './agent-ports.ts'
import { type AgentTime, createAgentTime } from './agent-time.ts'
import { capabilitiesOf } from './capabilities.ts'
import { createDirectValues, type DirectValues } from './direct-values.ts'
import { joined, type Measurement, nothingMeasured, telemetryFields } from './measurement.ts'
import { createPatientEvents, type PatientEvents, type Second } from './patient-events.ts'
import { createSensorStation, type SensorPlace, type SensorStation } from './sensor-station.ts'
import { tellBedside } from './tell-bedside.ts'
import { createTelemetryRhythm, type TelemetryRhythm } from './telemetry-rhythm.ts'
import { createValueJudge } from './vital-signs-of-sensors.ts'
import { createWaves, type Waves } from './waves.ts'

export * from './agent-ports.ts'

/** The whole agent over its ports: the same code on a Pi, in the demo ward and in the tests. */
export function createAgent(options: AgentOptions): Agent {
  return new BoardAgent(options)
}

/** A drained spool or a new loss is told within this: the fleet page shows what the birth said. */
const BIRTH_AGAIN_S = 30
/** Fewer than these waiting are on their way, not stuck. */
const WORTH_TELLING = 60

type Waiting = (object: Readonly<Record<string, unknown>>) => void

class BoardAgent implements Agent {
  readonly #options: AgentOptions
  readonly #time: AgentTime
  readonly #spool: Spool
  readonly #configuration: Configuration
  readonly #desk: CommandDesk
  readonly #station: SensorStation
  readonly #direct: DirectValues
  readonly #events: PatientEvents = createPatientEvents()
  readonly #waves: Waves
  readonly #rhythm: TelemetryRhythm
  #vital: Second = nothingMeasured
  #latest: Measurement = nothingMeasured
  #told = { unsent: 0, dropped: 0, agoS: 0 }
  /** Who asked for a fresh measurement and waits for the end of this second. */
  #waiting: Waiting[] = []

  constructor(options: AgentOptions) {
    this.#options = options
    const { clock, random, store, link, documents, indicator, log, bus, registry } = options
    this.#time = createAgentTime(clock)
    this.#spool = createSpool({
      store,
      clock,
      random,
      ...(options.spoolSettings && { settings: options.spoolSettings }),
      time: () => this.#time.dateOf(clock.monotonic()),
      wallTimeAt: (upMs) => this.#time.wallTimeAt(upMs),
      transport: { publish: (lane, payload, settled) => link.publish(lane, payload, { settled }) },
    })
    this.#direct = createDirectValues({ channels: new Set(Object.keys(channels)), judge: createValueJudge() })
    this.#configuration = createConfiguration({ document: documents.config, log })
    this.#desk = createCommandDesk({
      handlers: [identifyCommand({ indicator, clock }), measureNowCommand(() => this.#measureNow())],
      document: documents.commands,
      serverNow: () => this.#time.serverNow(),
      reply: (reply, settled) => link.publish('command/reply', JSON.stringify(reply), { settled }),
      log,
    })
    this.#station = createSensorStation({
      bus,
      clock,
      registry,
      configured: options.sensors,
      document: documents.sensors,
      onReadings: (readings) => this.#hear(readings),
      onFault: (place, why) => this.#sensorEvent(place, 'start', why),
      onRecovery: (place) => this.#sensorEvent(place, 'end'),
      onChange: () => this.#sayBirth(),
      log,
    })
    this.#waves = createWaves({ wallTimeAt: (ms) => this.#time.wallTimeAt(ms), send: (channel, frame) => link.publishWave(channel, frame) })
    this.#rhythm = createTelemetryRhythm({ clock, random, onSecond: () => this.#second(), onDue: () => this.#report() })
  }

  async start(): Promise<void> {
    this.#options.bedside?.attach({ measureNow: () => void this.#measureNow(), record: (event) => this.#recordEvent({ ...event }) })
    await this.#station.start()
    this.#rhythm.start(this.#configuration.current().interval_ms)
    this.#options.link.start({
      birth: () => this.#birth(),
      online: () => this.#online(),
      offline: () => this.#spool.offline(),
      receipt: (receipt) => this.#spool.receipt(receipt),
      desiredConfig: (desired) => {
        if (this.#configuration.desired(desired)) this.#rhythm.setInterval(this.#configuration.current().interval_ms)
        this.#sayConfiguration()
      },
      command: (command) => this.#desk.receive(command),
      unreadableCommand: (id, reason) => this.#desk.unreadable(id, reason),
      alarmsAtCentre: (confirmation) => this.#options.bedside?.confirmed(confirmation),
      serverTime: (t) => this.#time.hearServer(t),
    })
  }

  quiet(): void {
    this.#rhythm.stop()
  }

  async stop(): Promise<void> {
    this.#rhythm.stop()
    await this.#options.bedside?.close()
    await this.#station.stop()
    await this.#options.link.stop()
    this.#spool.close()
  }

  status(): AgentStatus {
    return {
      link: this.#options.link.status(),
      spool: this.#spool.status(),
      sensors: this.#station.places(),
      faults: this.#station.faults(),
      latest: this.#latest,
      timeSource: this.#time.source(),
      config: this.#configuration.reported(),
    }
  }

  #online(): void {
    this.#sayConfiguration()
    this.#desk.online()
    this.#spool.online()
  }

  #birth(): DeviceState {
    const { identity, registry } = this.#options
    const { epoch, upto, unsent, dropped } = this.#spool.status()
    this.#told = { unsent, dropped, agoS: 0 }
    return {
      st: 'online',
      e: epoch,
      upto,
      mode: identity.mode,
      fw: identity.firmware,
      hw: identity.hardware,
      caps: capabilitiesOf({ places: this.#station.places(), registry, commands: this.#desk.offers, note: identity.note }),
      cfgv: this.#configuration.reported().version,
      unsent,
      dropped,
    }
  }

  #sayBirth(): void {
    this.#options.link.publish('state', JSON.stringify(this.#birth()), { retain: true })
  }

  #tellIfWaitingChanged(): void {
    this.#told.agoS += 1
    const { unsent, dropped } = this.#spool.status()
    const waiting = (n: number): number => Math.floor(n / WORTH_TELLING)
    if (this.#told.agoS < BIRTH_AGAIN_S || (waiting(unsent) === waiting(this.#told.unsent) && dropped === this.#told.dropped)) return
    if (this.#options.link.status().connected) this.#sayBirth()
  }

  #sayConfiguration(): void {
    this.#options.link.publish('config/reported', JSON.stringify(this.#configuration.reported()), { retain: true })
  }

  #hear(readings: readonly Reading[]): void {
    const nowMs = this.#options.clock.monotonic()
    for (const reading of readings) {
      this.#direct.push(reading, nowMs)
      this.#options.vitalSigns.push(reading)
      this.#waves.push(reading)
    }
  }

  #second(): void {
    const nowMs = this.#options.clock.monotonic()
    this.#vital = this.#options.vitalSigns.second(nowMs)
    this.#latest = joined([this.#vital, this.#direct.now(nowMs)])
    for (const event of this.#events.after({ ...this.#latest, apnoea: this.#vital.apnoea === true })) this.#recordEvent({ ...event })
    const { bedside, link } = this.#options
    tellBedside({ bedside, link, spool: this.#spool, station: this.#station, configuration: this.#configuration }, { ...this.#latest, apnoea: this.#vital.apnoea === true })
    // At one object a second the one that follows at once will do.
    if (this.#waiting.length > 0 && this.#configuration.current().interval_ms > 1_000) this.#report()
    this.#tellIfWaitingChanged()
    const leds = this.#station.leds()
    if (leds && this.#options.adjustLeds) {
      this.#options.adjustLeds(leds).catch((error: unknown) => this.#options.log('leds.not_adjusted', { why: error instanceof Error ? error.message : String(error) }))
    }
  }

  /** Records what is known now, sends it, and answers who waits for it. */
  #report(): void {
    const nowMs = this.#options.clock.monotonic()
    this.#latest = joined([this.#vital, this.#direct.now(nowMs)])
    const time = this.#time.dateOf(nowMs)
    const fields = telemetryFields(this.#latest)
    this.#record([{ kind: 'sample', time, fields }])
    for (const resolve of this.#waiting.splice(0)) resolve({ ...time, ...fields })
  }

  #record(objects: readonly Recordable[]): void {
    if (this.#spool.record(objects) === undefined) this.#options.log('spool.refused', { objects: objects.length, unrecorded: this.#spool.status().unrecorded })
  }

  #recordEvent(event: Readonly<Record<string, unknown>>): void {
    this.#record([{ kind: 'event', time: this.#time.dateOf(this.#options.clock.monotonic()), fields: { ...event } }])
  }

  #sensorEvent({ model, address }: SensorPlace, ph: 'start' | 'end', why?: string): void {
    this.#options.log('sensor.fault', { model, address, ph, why })
    const data = { address, ...(why !== undefined && { why: why.slice(0, 200) }) }
    this.#recordEvent({ ev: 'sensor_fault', ph, src: model, data })
  }

  /** Reads every sensor again and answers with the values at the end of this second, which go out as an object too. */
  async #measureNow(): Promise<Readonly<Record<string, unknown>>> {
    await this.#station.readNow()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
