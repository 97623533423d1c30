import type { Clock } from '@vigil/contract/clock'
import type { DeviceMode } from '@vigil/contract/messages/state'
import { ecma419I2c, type Ecma419I2cConstructor } from '../src/bus/ecma419-i2c.ts'
import { shareBus } from '../src/bus/shared-bus.ts'
import type { Indicator } from '../src/commands/base-commands.ts'
import { createAgent, type Agent } from '../src/core/agent.ts'
import { createSensorSignals } from '../src/core/vital-signs-of-sensors.ts'
import { memorySpoolStore } from '../src/spool/memory-spool-store.ts'
import { boardSensors } from './board-sensors.ts'
import type { BoardSettings } from './board-settings.ts'
import { ecma419MqttLink } from './ecma419-mqtt-link.ts'
import type { Ecma419Mqtt, Ecma419MqttOptions, ModdablePreference, Utf8 } from './moddable.ts'
import { preferenceDocument } from './preference-document.ts'

export interface BoardOptions {
  readonly settings: BoardSettings
  readonly clock: Clock
  readonly random: () => number
  readonly I2C: Ecma419I2cConstructor
  /** The engine's own options of the bus: `{ data, clock, port }`. */
  readonly pins: Readonly<Record<string, unknown>>
  readonly connect: (options: Ecma419MqttOptions) => Ecma419Mqtt
  readonly preference: ModdablePreference
  readonly utf8: Utf8
  readonly indicator: Indicator
  readonly hardware: string
  readonly mode?: DeviceMode
  /** Objects kept until a receipt covers them: as many as the memory has room for. */
  readonly spoolCapacity: number
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

export const FIRMWARE = '0.1.0'
/** Small payloads: a whole one has to fit into memory beside everything else. */
const smallBoard = { backlogPerSecond: 40, backlogBurst: 20 } as const
const EPOCH_DIGITS = 8

/** The agent of a Pi on a board of a few hundred kilobytes: the same core, other adapters. Without storage each start is an epoch. */
export function createBoard(options: BoardOptions): Agent {
  const { settings, clock, random, log, preference } = options
  const epoch = Math.floor(random() * 16 ** EPOCH_DIGITS).toString(16).padStart(EPOCH_DIGITS, '0')
  const store = memorySpoolStore({ epoch, capacity: options.spoolCapacity })
  const signals = createSensorSignals(settings.breathing)
  return createAgent({
    clock,
    random,
    bus: shareBus(ecma419I2c(options.I2C, options.pins)),
    registry: boardSensors,
    store,
    link: ecma419MqttLink({
      address: { site: settings.site, device: settings.device },
      host: settings.host,
      port: settings.port,
      secret: settings.secret,
      connect: options.connect,
      utf8: options.utf8,
      clock,
      random,
      epoch,
      log,
    }),
    vitalSigns: signals.vitalSigns,
    adjustLeds: (leds) => signals.adjustLeds(leds),
    documents: {
      commands: preferenceDocument(preference, 'commands'),
      config: preferenceDocument(preference, 'config'),
      sensors: preferenceDocument(preference, 'sensors'),
    },
    indicator: options.indicator,
    identity: { mode: options.mode ?? 'real', firmware: FIRMWARE, hardware: options.hardware },
    log,
    spoolSettings: smallBoard,
  })
}
