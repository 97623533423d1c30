import type { DeviceState } from '@vigil/contract/messages/state'
import { baseCommands } from '../commands/base-commands.ts'
import { type CommandDesk, createCommandDesk } from '../commands/command-desk.ts'
import type { CommandResult } from '../commands/command-machine.ts'
import { waveNames } from '../commands/config-keys.ts'
import { type Configuration, createConfiguration } from '../commands/configuration.ts'
import type { LedControl } from '../sensors/define-sensor.ts'
import { channels, type Reading } from '../sensors/reading.ts'
import { createSpool, type Recordable, type Spool } from '../spool/protocol.ts'
import { agentDeeds } from './agent-deeds.ts'
import type { Agent, AgentOptions, AgentStatus } from './agent-ports.ts'
import { type AgentTime, createAgentTime } from './agent-time.ts'
import { type Averaging, createAveraging } from './averaging.ts'
import { capabilitiesOf } from './capabilities.ts'
import { createDirectValues, type DirectValues } from './direct-values.ts'
import { joined, type Measurement, nothingMeasured, telemetryFields } from './measurement.ts'
import { createPatientEvents, type PatientEvents, type Second } from './patient-events.ts'
import { spoolEvents } from './spool-events.ts'
import { createSensorStation, type SensorPlace, type SensorStation } from './sensor-station.ts'
import { tellBedside } from './tell-bedside.ts'
import { createTelemetryRhythm, type TelemetryRhythm } from './telemetry-rhythm.ts'
import { createValueJudge } from './vital-signs-of-sensors.ts'
import { createWaves, type Waves } from './waves.ts'
import { worthTelling } from './worth-telling.ts'

export * from './agent-ports.ts'

/** The whole agent over its ports: the same code on a Pi, in the demo ward and in the tests. */
export function createAgent(options: AgentOptions): Agent {
  return new BoardAgent(options)
}

/** A drained spool or a new loss is told within this: the fleet page shows what the birth said. */
const BIRTH_AGAIN_S = 30
/** A second that is this late is one that does not come: the sensors' bus hangs, or the spool's disk. */
const ALIVE_WITHIN_MS = 5_000

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
  readonly #averaging: Averaging = createAveraging()
  readonly #rhythm: TelemetryRhythm
  #vital: Second = nothingMeasured
  #latest: Measurement = nothingMeasured
  #fixedLight: { readonly leds: LedControl; readonly redMa: number; readonly irMa: number } | undefined
  #lastSecondMs: number
  #told = { unsent: 0, dropped: 0, agoS: 0 }
  /** Who asked for a fresh measurement and waits for the end of this second. */
  #waiting: Waiting[] = []

  constructor(options: AgentOptions) {
    this.#options = options
    this.#lastSecondMs = options.clock.monotonic()
    const { clock, random, store, link, documents, log, bus, registry } = options
    this.#time = createAgentTime(clock, options.starts)
    this.#spool = createSpool({
      store,
      ...(options.rollUp && { rollUp: options.rollUp }),
      clock,
      random,
      ...(options.spoolSettings && { settings: options.spoolSettings }),
      time: () => this.#time.dateOf(clock.monotonic()),
      wallTimeAt: (upMs) => this.#time.provenTimeAt(upMs),
      earlierTimeAt: (boot, upMs) => options.starts?.timeAt(boot, upMs),
      transport: { publish: (lane, payload, settled) => link.publish(lane, payload, { settled }) },
    })
    this.#direct = createDirectValues({ channels: new Set(Object.keys(channels)), judge: createValueJudge() })
    this.#configuration = createConfiguration({ document: documents.config, log })
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
    this.#waves = createWaves({ wallTimeAt: (ms) => this.#time.wallTimeAt(ms), send: (channel, frame) => link.publishWave(channel, frame), nowMs: () => clock.monotonic() })
    this.#desk = this.#openDesk()
    this.#rhythm = createTelemetryRhythm({ clock, random, onSecond: () => this.#second(), onDue: () => this.#report() })
  }

  #openDesk(): CommandDesk {
    const { clock, link, documents, indicator, log, calibration, controls = {}, commands = [] } = this.#options
    const deeds = agentDeeds({
      time: this.#time,
      station: this.#station,
      waves: this.#waves,
      calibration,
      controls,
      measureNow: () => this.#measureNow(),
      health: () => ({ clock: this.#time.source(), unsent: this.#spool.status().unsent, dropped: this.#spool.status().dropped }),
    })
    return createCommandDesk({
      handlers: [...baseCommands({ indicator, clock, deeds, waves: waveNames, calibrated: calibration?.signals ?? [] }), ...commands],
      document: documents.commands,
      serverNow: () => this.#time.serverNow(),
      reply: (reply, settled) => link.publish('command/reply', JSON.stringify(reply), { settled }),
      log,
    })
  }

  async start(): Promise<void> {
    this.#options.bedside?.attach({ measureNow: () => void this.#measureNow(), record: (event) => this.#recordEvent({ ...event }) })
    await this.#applyConfiguration()
    for (const event of spoolEvents(this.#options.store)) this.#recordEvent(event)
    await this.#station.start()
    this.#rhythm.start(this.#configuration.current().interval_ms)
    this.#options.link.start({
      birth: () => this.#birth(),
      online: () => this.#online(),
      offline: () => this.#spool.offline(),
      receipt: (receipt) => this.#spool.receipt(receipt),
      desiredConfig: (desired) => {
        if (this.#configuration.desired(desired)) {
          this.#rhythm.setInterval(this.#configuration.current().interval_ms)
          void this.#applyConfiguration()
        }
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
      ...(this.#options.bedside && { alarms: this.#options.bedside.alarms }),
      latest: this.#latest,
      timeSource: this.#time.source(),
      timeProven: this.#time.isProven(),
      config: this.#configuration.reported(),
    }
  }

  isAlive(): boolean {
    const { clock, busWaitingMs = () => 0 } = this.#options
    return clock.monotonic() - this.#lastSecondMs < ALIVE_WITHIN_MS && busWaitingMs() < ALIVE_WITHIN_MS
  }

  ask(name: string, args: Readonly<Record<string, unknown>>): Promise<CommandResult> {
    return this.#desk.local(name, args)
  }

  async #applyConfiguration(): Promise<void> {
    const { value_interval_ms: valueIntervalMs, sensors_off: off, waves } = this.#configuration.current()
    this.#waves.setAlways(waves)
    this.#direct.setInterval(valueIntervalMs)
    await this.#station.configure({ off, valueIntervalMs })
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
    if (this.#told.agoS < BIRTH_AGAIN_S || !worthTelling(this.#told, { unsent, dropped })) return
    if (this.#options.link.status().connected) this.#sayBirth()
  }

  #sayConfiguration(): void {
    this.#options.link.publish('config/reported', JSON.stringify(this.#configuration.reported()), { retain: true })
  }

  #hear(readings: readonly Reading[]): void {
    const nowMs = this.#options.clock.monotonic()
    for (const raw of readings) {
      const reading = this.#options.calibration?.adjust(raw) ?? raw
      this.#direct.push(reading, nowMs)
      this.#options.vitalSigns.push(reading)
      this.#waves.push(reading)
    }
  }

  #second(): void {
    const nowMs = this.#options.clock.monotonic()
    this.#lastSecondMs = nowMs
    const measured = this.#options.vitalSigns.second(nowMs)
    this.#options.calibration?.hearRatio(measured.ratio)
    this.#vital = this.#averaging.second(measured, this.#configuration.current().average_s)
    this.#latest = joined([this.#vital, this.#direct.now(nowMs)])
    for (const event of this.#events.after({ ...this.#latest, apnoea: this.#vital.apnoea === true })) this.#recordEvent({ ...event })
    const { bedside, link } = this.#options
    tellBedside({ bedside, link, spool: this.#spool, station: this.#station, configuration: this.#configuration, time: this.#time }, { ...this.#latest, apnoea: this.#vital.apnoea === true })
    // At one object a second the one that follows at once will do.
    if (this.#waiting.length > 0 && this.#configuration.current().interval_ms > 1_000) this.#report()
    this.#tellIfWaitingChanged()
    void this.#light()
  }

  /** The oximeter's light: as configured, or as the light that comes back asks for. */
  async #light(): Promise<void> {
    const leds = this.#station.leds()
    if (!leds) return
    const { led_red_ma: redMa, led_ir_ma: irMa } = this.#configuration.current()
    try {
      if (redMa === 0 || irMa === 0) {
        this.#fixedLight = undefined
        return await this.#options.adjustLeds?.(leds)
      }
      // The chip rounds to its steps, so what it has says nothing; a change costs the stream.
      const set = this.#fixedLight
      if (set?.leds === leds && set.redMa === redMa && set.irMa === irMa) return
      this.#fixedLight = { leds, redMa, irMa }
      await leds.set({ redMa: Math.min(redMa, leds.maximumMa), irMa: Math.min(irMa, leds.maximumMa) })
    } catch (error) {
      this.#options.log('leds.not_adjusted', { why: error instanceof Error ? error.message : String(error) })
    }
  }

  /** Records what is known now, sends it, and answers who waits for it. */
  #report(): void {
    const nowMs = this.#options.clock.monotonic()
    this.#latest = joined([this.#vital, this.#direct.now(nowMs)])
    const time = this.#time.dateOf(nowMs)
    const fields = telemetryFields(this.#latest)
    this.#record([{ kind: 'sample', time: this.#time.stampOf(nowMs), fields }])
    for (const resolve of this.#waiting.splice(0)) resolve({ ...time, ...fields })
  }

  #record(objects: readonly Recordable[]): void {
    if (this.#spool.record(objects) === undefined) this.#options.log('spool.refused', { objects: objects.length, unrecorded: this.#spool.status().unrecorded })
  }

  #recordEvent(event: Readonly<Record<string, unknown>>): void {
    this.#record([{ kind: 'event', time: this.#time.stampOf(this.#options.clock.monotonic()), fields: { ...event } }])
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
