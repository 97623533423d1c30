import { join } from 'node:path'
import type { Clock } from '@vigil/contract/clock'
import type { DeviceAddress } from '@vigil/contract/topics'
import type { I2cBus } from '../bus/i2c.ts'
import { watchBus } from '../bus/watched-bus.ts'
import type { Indicator } from '../commands/base-commands.ts'
import type { CommandHandler } from '../commands/command-desk.ts'
import { createAgent, type Agent, type AgentIdentity, type AgentLog, type BoardControls } from '../core/agent.ts'
import { createCalibration } from '../core/calibration.ts'
import { createStartBook } from '../core/start-book.ts'
import type { SensorPlace } from '../core/sensor-station.ts'
import { createSensorSignals, type BreathingKind } from '../core/vital-signs-of-sensors.ts'
import type { Bedside } from '../panel/bedside.ts'
import { mqttLink } from '../link/mqtt-link.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import type { SpoolSettings } from '../spool/protocol.ts'
import { minuteRollUp } from '../spool/roll-up.ts'
import type { SpoolStore } from '../spool/spool-store.ts'
import { jsonDocument } from './json-document.ts'
import { openSpool } from './open-spool.ts'

export interface BoardAgentOptions {
  readonly address: DeviceAddress
  readonly url: string | readonly string[]
  readonly secret: string
  readonly ca?: string
  /** Folder of this board's files: `<device>.sqlite` (spool), `<device>.commands.json` and the like. */
  readonly folder: string
  /** One that keeps the transfers of several drivers apart. */
  readonly bus: I2cBus
  /** The sensors of the board as a person has said; without it the agent uses what it finds. */
  readonly sensors?: readonly SensorPlace[] | undefined
  readonly indicator: Indicator
  /** Display, buttons, buzzer and the board's own alarm. */
  readonly bedside?: Bedside | undefined
  readonly controls?: BoardControls
  /** What this board can be asked besides the base set. */
  readonly commands?: readonly CommandHandler[]
  readonly identity: AgentIdentity
  readonly clock: Clock
  readonly random: () => number
  readonly log: AgentLog
  readonly spoolLimitBytes?: number
  readonly synchronous?: 'full' | 'normal'
  /** Which way mask pressure goes when the patient draws breath; spontaneous unless told. */
  readonly breathing?: BreathingKind
  readonly spoolSettings?: Partial<SpoolSettings>
  /** Given the spool before the agent uses it, e.g. to fill it with a history; answers the one to use. */
  readonly prepareSpool?: (store: SpoolStore) => SpoolStore
}

/** An agent on this machine: its spool and documents on the disk, its link by MQTT, its sensors on the given bus. */
export function openBoardAgent(options: BoardAgentOptions): Agent {
  const { address, url, secret, ca, folder, bus, indicator, identity, clock, random, log } = options
  const file = (suffix: string): string => join(folder, `${address.device}.${suffix}`)
  const opened = openSpool({
    path: file('sqlite'),
    ...(options.spoolLimitBytes !== undefined && { limitBytes: options.spoolLimitBytes }),
    ...(options.synchronous && { synchronous: options.synchronous }),
    onLost: (lost, aside) => log('spool.lost', { ...lost, aside }),
  }, log)
  const store = options.prepareSpool?.(opened) ?? opened
  const unreadable = (path: string, error: unknown): void => log('document.unreadable', { path, why: error instanceof Error ? error.message : String(error) })
  const calibration = createCalibration(jsonDocument(file('calibration.json'), unreadable))
  const watched = watchBus(bus, clock)
  const signals = createSensorSignals(options.breathing, calibration.curve)
  return createAgent({
    clock,
    starts: createStartBook(store, jsonDocument(file('starts.json'), unreadable), clock.now() - clock.monotonic()),
    random,
    bus: watched,
    busWaitingMs: () => watched.waitingMs(),
    registry: sensorRegistry,
    sensors: options.sensors,
    store,
    rollUp: minuteRollUp,
    link: mqttLink({ address, url, secret, ...(ca !== undefined && { ca }), clock, random, epoch: store.epoch, log }),
    vitalSigns: signals.vitalSigns,
    adjustLeds: (leds) => signals.adjustLeds(leds),
    documents: {
      commands: jsonDocument(file('commands.json'), unreadable),
      config: jsonDocument(file('config.json'), unreadable),
      sensors: jsonDocument(file('sensors.json'), unreadable),
    },
    indicator,
    bedside: options.bedside,
    ...(options.controls && { controls: options.controls }),
    commands: options.commands,
    calibration,
    identity,
    log,
    ...(options.spoolSettings && { spoolSettings: options.spoolSettings }),
  })
}
