import type { SignalName } from '@vigil/contract/catalogue'
import type { Capabilities, CommandOffer } from '@vigil/contract/messages/state'
import { configKeys } from '../commands/config-keys.ts'
import type { SensorDefinition } from '../sensors/define-sensor.ts'
import type { SensorPlace } from './sensor-station.ts'
import { waveChannelsOf } from './waves.ts'

export interface CapabilitiesOptions {
  readonly places: readonly SensorPlace[]
  readonly registry: readonly SensorDefinition[]
  readonly commands: readonly CommandOffer[]
  readonly note: string | undefined
}

/** What the birth message says the device can do, from the sensors it has. */
export function capabilitiesOf({ places, registry, commands, note }: CapabilitiesOptions): Capabilities {
  const fitted = places.flatMap(({ model }) => registry.find((definition) => definition.model === model) ?? [])
  const signals = new Set<SignalName>(fitted.flatMap((definition) => [...definition.signals.map(({ signal }) => signal), ...definition.feeds]))
  const channels = new Set<string>(fitted.flatMap((definition) => definition.channels.map(({ channel }) => channel)))
  return {
    receipts: true,
    commands: [...commands],
    config: { ...configKeys },
    signals: [...signals],
    waves: Object.entries(waveChannelsOf).filter(([, from]) => from.some((channel) => channels.has(channel))).map(([wave]) => wave),
    sensors: places.slice(0, 16).map(({ model, address }) => ({ model, address })),
    ...(note !== undefined && { note: note.slice(0, 300) }),
  }
}
