import { shallowReactive, shallowRef, triggerRef, type ShallowRef } from 'vue'
import type { DeviceDelta } from '@vigil/contract/api/live'
import type { Bed, Ward } from '@vigil/contract/api/patients'
import type { LatestValue } from '@vigil/contract/api/schema'

export type LatestValues = Readonly<Record<string, LatestValue>>

/** A ward as last told: its beds never change place, each bed is its own ref so one new value redraws one tile. */
export interface WardView {
  readonly ward: Omit<Ward, 'beds'>
  readonly beds: readonly ShallowRef<Bed>[]
}

/** Wards on this screen, kept up to date by live frames. */
export interface WardState {
  readonly wards: Map<string, ShallowRef<WardView>>
  setWard(ward: Ward): void
  setBed(wardId: string, bed: Bed): void
  applyDelta(delta: DeviceDelta): void
  /** As the ward calls itself, once it was heard of. */
  nameOf(wardId: string | undefined): string | undefined
  bedOfStay(stayId: string): { wardId: string; bed: Bed; position: number } | undefined
}

export function createWardState(): WardState {
  const wards = shallowReactive(new Map<string, ShallowRef<WardView>>())

  function setWard({ beds, ...ward }: Ward): void {
    const known = wards.get(ward.id)
    const view: WardView = { ward, beds: beds.map((bed) => reuse(known?.value, bed)) }
    if (known) known.value = view
    else wards.set(ward.id, shallowRef(view))
  }

  function setBed(wardId: string, bed: Bed): void {
    const place = wards.get(wardId)?.value.beds.find((b) => b.value.id === bed.id)
    if (place) place.value = bed
  }

  function applyDelta(delta: DeviceDelta): void {
    for (const view of wards.values()) {
      for (const bed of view.value.beds) if (bed.value.device?.id === delta.device) bed.value = mergeBed(bed.value, delta)
    }
  }

  function bedOfStay(stayId: string) {
    for (const [wardId, view] of wards) {
      const position = view.value.beds.findIndex((b) => b.value.stay?.id === stayId)
      const found = view.value.beds[position]
      if (found) return { wardId, bed: found.value, position }
    }
    return undefined
  }

  const nameOf = (wardId: string | undefined) => (wardId === undefined ? undefined : wards.get(wardId)?.value.ward.name)

  return { wards, setWard, setBed, applyDelta, nameOf, bedOfStay }
}

/** The same ref for the same bed, so that what watches it goes on. */
function reuse(view: WardView | undefined, bed: Bed): ShallowRef<Bed> {
  const known = view?.beds.find((b) => b.value.id === bed.id)
  if (!known) return shallowRef(bed)
  known.value = bed
  triggerRef(known)
  return known
}

/** A bed with what its device newly said. Values from before this stay are another patient's and are left out. */
export function mergeBed(bed: Bed, delta: DeviceDelta): Bed {
  if (!bed.device) return bed
  const { status = bed.device.status, intervalMs = bed.device.intervalMs, values } = delta
  const sinceMs = bed.stay ? Date.parse(bed.stay.admittedAt) : Number.POSITIVE_INFINITY
  return { ...bed, device: { ...bed.device, status, intervalMs }, latest: mergeLatest(bed.latest, values, sinceMs) }
}

/** Newest value per signal; an older one that comes later (re-sent) never replaces a newer. */
export function mergeLatest(old: LatestValues, values: LatestValues | undefined, sinceMs = 0): LatestValues {
  if (!values) return old
  const out: Record<string, LatestValue> = { ...old }
  for (const [signal, value] of Object.entries(values)) {
    const before = out[signal]
    if (value.t >= sinceMs && (!before || value.t >= before.t)) out[signal] = withWas(value, before)
  }
  return out
}

/** When the value is gone now, what it last was stays sayable ("97 · 2 min ago"). */
function withWas(value: LatestValue, before: LatestValue | undefined): LatestValue {
  if (value.v !== null || value.was || !before) return value
  const was = before.v === null ? before.was : { v: before.v, t: before.t }
  return was ? { ...value, was } : value
}
