import type { Device, DeviceState, SignalName } from '@vigil/contract'
import { field } from '../iso.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { DeviceFact } from '../registry/world.ts'

/** What a device says of itself beside its measurements, and whether it runs what was asked. */
export function reportedBesides({ id, desired }: DeviceFact, hub: LiveHub): Pick<Device, 'battery' | 'rssi' | 'config'> {
  const last = (signal: SignalName) => {
    const value = hub.latestOf(id, signal, 0)
    return value?.v ?? value?.was?.v
  }
  const reported = hub.reported(id)
  const config = { desired: desired?.version ?? 0, reported: reported?.version ?? hub.birth(id)?.cfgv ?? 0, refused: Object.keys(reported?.errors ?? {}) }
  return { ...field('battery', last('batt')), ...field('rssi', last('rssi')), ...(config.desired > 0 || config.reported > 0 ? { config } : {}) }
}

interface Heard {
  readonly id: string
  readonly birth: DeviceState | undefined
}

const byVersion = new Intl.Collator('en', { numeric: true })

export const newestFirst = (a: string, b: string): number => byVersion.compare(b, a)

/** The newest firmware on other devices of the same hardware, when it is newer than the one this device runs. */
export function newerElsewhere(id: string, devices: readonly Heard[]): string | undefined {
  const own = devices.find((device) => device.id === id)?.birth
  if (own?.fw === undefined || own.hw === undefined) return undefined
  const { fw, hw } = own
  const newer = devices.flatMap(({ birth }) => (birth?.fw !== undefined && birth.hw === hw && byVersion.compare(birth.fw, fw) > 0 ? [birth.fw] : []))
  return newer.sort(newestFirst)[0]
}
