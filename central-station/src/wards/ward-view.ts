import { type Bed, type BedDevice, type Clock, type Freshness, freshnessAt, freshnessLimits, type LatestValue, type TypedPressure, type Ward } from '@vigil/contract'
import { modeOf } from '../devices/device-mode.ts'
import type { AlarmDesk } from '../alarms/alarm-desk.ts'
import { notesOf } from '../alarms/limits/limits-service.ts'
import { limitsOf } from '../alarms/engine/watch-list.ts'
import { field, iso, isoField } from '../iso.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import type { StayFact, WardFact } from '../registry/world.ts'

/** Wards as a screen shows them, from memory alone: works the same while PostgreSQL is away. */
export interface WardView {
  wards(): Ward[]
  ward(id: string): Ward | undefined
  bed(bedId: string): { readonly wardId: string; readonly bed: Bed } | undefined
}

/** What the alarm engine last said. */
export type AlarmSight = Pick<AlarmDesk, 'ofStay' | 'ofWard' | 'audioOf' | 'monitoringOf' | 'news2Of' | 'watch'>

export function createWardView({ registry, hub, alarms, clock }: { registry: Registry; hub: LiveHub; alarms: AlarmSight; clock: Clock }): WardView {
  const alarmsOf = (stay: StayFact) => ({ ...field('typedPressure', typedPressure(stay)), alarms: alarms.ofStay(stay.id), audio: alarms.audioOf(stay.id), monitoring: alarms.monitoringOf(stay.id), limitNotes: notesOf(limitsOf(stay), clock.now()), ...field('news2', alarms.news2Of(stay.id)) })
  const bedOf = (bed: { id: string; label: string }): Bed => {
    const stay = registry.now().stayOfBed.get(bed.id)
    const device = stay?.link ? registry.now().devices.get(stay.link.deviceId) : undefined
    if (!stay) return { ...bed, latest: {}, freshness: {} }
    if (!device || !stay.link) return { ...bed, stay: bedStay(stay), latest: {}, freshness: {}, ...alarmsOf(stay) }
    const birth = hub.birth(device.id)
    const intervalMs = hub.intervalMs(device.id)
    const latest = hub.latest(device.id, stay.link.fromMs)
    const bedDevice: BedDevice = {
      id: device.id,
      label: device.label,
      mode: modeOf(device, birth),
      status: hub.status(device.id),
      ...isoField('lastSeen', hub.lastSeenMs(device.id)),
      intervalMs,
    }
    return { ...bed, stay: bedStay(stay), device: bedDevice, latest, freshness: freshnessOf(latest, birth?.caps?.signals, clock.now(), intervalMs), ...alarmsOf(stay) }
  }
  const wardOf = (ward: WardFact): Ward => ({ id: ward.id, name: ward.name, site: ward.site, mode: ward.mode, ...field('soundFloor', ward.soundFloor), beds: ward.beds.map(bedOf), alarms: alarms.ofWard(ward.id, ward.site), alarmWatch: alarms.watch(), serverTimeMs: clock.now() })

  return {
    wards: () => registry.now().world.wards.map(wardOf),
    ward(id) {
      const ward = registry.now().wards.get(id)
      return ward && wardOf(ward)
    },
    bed(bedId) {
      const ward = registry.now().wardOfBed.get(bedId)
      const bed = ward?.beds.find((b) => b.id === bedId)
      return ward && bed && { wardId: ward.id, bed: bedOf(bed) }
    },
  }
}

function bedStay({ id, admittedAtMs, reason, patient }: StayFact): NonNullable<Bed['stay']> {
  return { id, admittedAt: iso(admittedAtMs), reason, patient }
}

/** What was read before the stay began is not shown as this patient's, as with what a device measured. */
function typedPressure({ care, admittedAtMs }: StayFact): TypedPressure | undefined {
  const { sys, dia } = care?.typed ?? {}
  if (!sys || sys.atMs < admittedAtMs) return undefined
  return { sys: sys.value, ...field('dia', dia?.atMs === sys.atMs ? dia.value : undefined), t: sys.atMs }
}

/** Signals the device offers but has not sent in this stay are said to be `never`, not left out. */
function freshnessOf(latest: Readonly<Record<string, LatestValue>>, offered: readonly string[] = [], nowMs: number, intervalMs: number): Record<string, Freshness> {
  const limits = freshnessLimits(intervalMs)
  const out: Record<string, Freshness> = Object.fromEntries(offered.map((signal): [string, Freshness] => [signal, 'never']))
  for (const [signal, value] of Object.entries(latest)) out[signal] = freshnessAt(value.t, nowMs, limits)
  return out
}
