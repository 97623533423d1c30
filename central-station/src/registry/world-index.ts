import type { DeviceFact, StayFact, WardFact, World } from './world.ts'

/** Lookups over one state of the world; built anew for each, never changed. */
export interface WorldIndex {
  readonly world: World
  readonly wards: ReadonlyMap<string, WardFact>
  readonly devices: ReadonlyMap<string, DeviceFact>
  readonly wardOfBed: ReadonlyMap<string, WardFact>
  readonly stays: ReadonlyMap<string, StayFact>
  readonly stayOfBed: ReadonlyMap<string, StayFact>
  readonly stayOfDevice: ReadonlyMap<string, StayFact>
  /** Sites that have a ward or a device. */
  readonly sites: readonly string[]
}

export function indexWorld(world: World): WorldIndex {
  return {
    world,
    wards: new Map(world.wards.map((ward) => [ward.id, ward])),
    devices: new Map(world.devices.map((device) => [device.id, device])),
    wardOfBed: new Map(world.wards.flatMap((ward) => ward.beds.map((bed): [string, WardFact] => [bed.id, ward]))),
    stays: new Map(world.stays.map((stay) => [stay.id, stay])),
    stayOfBed: new Map(world.stays.flatMap((stay): [string, StayFact][] => (stay.bedId === null ? [] : [[stay.bedId, stay]]))),
    stayOfDevice: new Map(world.stays.flatMap((stay): [string, StayFact][] => (stay.link ? [[stay.link.deviceId, stay]] : []))),
    sites: [...new Set([...world.wards.map((ward) => ward.site), ...world.devices.map((device) => device.site)])],
  }
}

/** What a screen has to draw again. */
export interface WorldChange {
  /** Beds whose patient, device or label changed. */
  readonly beds: readonly string[]
  /** Wards that are new, or whose name or beds changed. */
  readonly wards: readonly string[]
  /** Devices whose desired configuration changed. */
  readonly desired: readonly string[]
}

export function changeBetween(before: WorldIndex, after: WorldIndex): WorldChange {
  const bedsOf = (index: WorldIndex) => new Map([...index.wardOfBed.keys()].map((bed) => [bed, bedPicture(index, bed)]))
  const wardsOf = (index: WorldIndex) => new Map(index.world.wards.map((ward) => [ward.id, JSON.stringify(ward)]))
  const desiredOf = (index: WorldIndex) => new Map(index.world.devices.map((device) => [device.id, String(device.desired?.version ?? 0)]))
  return {
    beds: different(bedsOf(before), bedsOf(after)),
    wards: different(wardsOf(before), wardsOf(after)),
    desired: different(desiredOf(before), desiredOf(after)),
  }
}

/** Everything of a bed that comes from the registry, as one comparable text. */
function bedPicture(index: WorldIndex, bedId: string): string {
  const stay = index.stayOfBed.get(bedId)
  const device = stay?.link ? index.devices.get(stay.link.deviceId) : undefined
  return JSON.stringify([stay, device && [device.label, device.mode, device.site]])
}

function different(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after].filter(([key, picture]) => before.get(key) !== picture).map(([key]) => key)
}
