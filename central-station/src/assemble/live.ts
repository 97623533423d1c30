import { join } from 'node:path'
import type { Stop } from '@vigil/contract'
import type { AlarmDesk } from '../alarms/alarm-desk.ts'
import type { CommandStep } from '../commands/command.ts'
import { createCommandStore, createStepSink } from '../commands/command-store-pg.ts'
import { Commands } from '../commands/commands.ts'
import { createConfigStore } from '../config/config-store-pg.ts'
import { Configuration } from '../config/configuration.ts'
import { type Journal, openJournal } from '../files/journal.ts'
import { ownId } from '../files/own-id.ts'
import { createHistoryStore } from '../history/history-store-pg.ts'
import { type ArmedScreens, watchArmedScreens } from '../live/armed-screens.ts'
import { Broadcast } from '../live/broadcast.ts'
import type { BrokerLink } from '../live/broker-link.ts'
import { createDeviceMemoStore } from '../live/device-memo-store-pg.ts'
import { type DeviceMemory, startDeviceMemory } from '../live/device-memory.ts'
import { createLiveHub, type LiveHub } from '../live/live-hub.ts'
import { connectMqtt } from '../live/mqtt-link.ts'
import { startTimeBeacon } from '../live/time-beacon.ts'
import type { PeopleParts } from './people.ts'
import { createQuarterHourFill } from '../wards/fill-quarter-hour.ts'
import { type QuarterHour, watchQuarterHour } from '../wards/quarter-hour.ts'
import { createWardView, type WardView } from '../wards/ward-view.ts'
import type { Foundation } from './foundation.ts'

export interface MqttOptions {
  readonly mqttUrl: string
  readonly mqttUsername?: string | undefined
  readonly mqttPassword?: string | undefined
  readonly mqttCa?: string | undefined
}

export interface LiveParts {
  readonly hub: LiveHub
  readonly view: WardView
  readonly quarter: QuarterHour
  /** From PostgreSQL, once. */
  readonly fillQuarter: () => Promise<void>
  readonly link: BrokerLink
  readonly broadcast: Broadcast
  readonly armed: ArmedScreens
  readonly commands: Commands
  readonly commandJournal: Journal<CommandStep>
  readonly configuration: Configuration
  stop(): Promise<void>
}

/** The live lane: what devices say, what screens see, what people ask of devices. */
export async function assembleLive(foundation: Foundation, { gate, glass, sessions }: Pick<PeopleParts, 'gate' | 'glass' | 'sessions'>, alarms: AlarmDesk, mqtt: MqttOptions): Promise<LiveParts> {
  const { database, dues, registry, folder, secrets, countDrop, clock, log } = foundation
  const { health } = database
  const hub = createLiveHub({ registry, clock, countDrop })
  const view = createWardView({ registry, hub, alarms, clock })
  const quarter = watchQuarterHour(hub, clock)
  const broadcast = new Broadcast({ registry, hub, view, alarms, health, clock, countDrop, isOpen: (caller) => gate.stillOpen(caller), opened: (sight) => glass.list(sight, 'now').grants })
  const armed = watchArmedScreens(clock)
  const link = connectMqtt({
    url: mqtt.mqttUrl,
    clientId: `central-${await ownId(join(folder, 'station-id'))}`,
    username: mqtt.mqttUsername ?? 'central',
    password: mqtt.mqttPassword ?? secrets.services.central,
    ca: mqtt.mqttCa,
    clock,
    random: Math.random,
    log,
    onMessage: (message) => hub.receive(message),
  })
  const commandJournal = await openJournal<CommandStep>({ path: join(folder, 'command-journal.jsonl'), sink: createStepSink(database), carrier: dues, health, clock, log })
  const commands = new Commands({ store: createCommandStore(database), journal: commandJournal, registry, hub, link, clock, log, countDrop, onChange: (command) => broadcast.command(command) })
  const configuration = new Configuration({ store: createConfigStore(database), registry, hub, link, clock, log, onChange: (device, config) => broadcast.config(device, config) })
  const memory: DeviceMemory = startDeviceMemory({ hub, store: createDeviceMemoStore(database), health, clock, log })
  const stops: Stop[] = [startTimeBeacon({ registry, link, clock }), gate.onClosed((caller) => broadcast.closeCaller(caller)), sessions.onLocked((caller, isLocked) => broadcast.veil(caller, isLocked)), glass.onChange((accounts) => broadcast.glassChanged(sessions.of(accounts))), () => commands.stop(), () => configuration.stop(), () => broadcast.stop(), () => armed.stop(), quarter.stop]
  return {
    hub,
    view,
    quarter,
    fillQuarter: createQuarterHourFill({ quarter, store: createHistoryStore(database), registry, clock, log }),
    link,
    broadcast,
    armed,
    commands,
    commandJournal,
    configuration,
    async stop() {
      for (const stop of stops) stop()
      await link.stop()
      await memory.stop()
      await commandJournal.stop()
    },
  }
}
