import { createHmac } from 'node:crypto'
import { AppError, type Clock, type Device, type DeviceChange, type DeviceCreated, type DeviceList, type DeviceNotice, type NewDevice } from '@vigil/contract'
import { newSecret } from '@vigil/program'
import { field, iso, isoField } from '../iso.ts'
import { CANARY_DEVICE } from '../live/canary.ts'
import { type LiveHub } from '../live/live-hub.ts'
import { type Registry } from '../registry/registry.ts'
import { type DeviceFact, type NoticeFact, type StayFact } from '../registry/world.ts'
import { modeOf } from './device-mode.ts'

export interface DeviceRow {
  readonly id: string
  readonly site: string
  readonly label: string
  readonly mode: DeviceFact['mode']
  readonly note: string
  /** HMAC-SHA-256 of the secret under the installation's pepper: the broker checks against it. */
  readonly secretMac: Buffer
  readonly createdAtMs: number
}

/** Port: the device registry. */
export interface DeviceStore {
  /** @throws AppError ALREADY_EXISTS */
  add(device: DeviceRow): Promise<void>
  change(id: string, change: DeviceChange): Promise<void>
  /** @throws AppError DEVICE_IN_USE */
  retire(id: string, atMs: number): Promise<void>
}

export interface Devices {
  /** From memory, without retired ones. */
  list(): DeviceList
  /** @throws AppError NOT_FOUND */
  get(id: string): Device
  /** The secret is in this answer and nowhere else. @throws AppError ALREADY_EXISTS */
  add(device: NewDevice): Promise<DeviceCreated>
  /** @throws AppError NOT_FOUND */
  change(id: string, change: DeviceChange): Promise<Device>
  /** Takes a device out of service; its history stays. @throws AppError NOT_FOUND, DEVICE_IN_USE */
  retire(id: string): Promise<void>
}

const DEFAULT_SITE = 'main'
/** The broker knows these as the house's own programs. */
const RESERVED: ReadonlySet<string> = new Set(['bridge', 'central', CANARY_DEVICE])

export function createDevices(options: { store: DeviceStore; registry: Registry; hub: LiveHub; pepper: Buffer; clock: Clock }): Devices {
  const { store, registry, hub, pepper, clock } = options
  const must = (id: string): DeviceFact => {
    const fact = registry.now().devices.get(id)
    if (!fact) throw new AppError('NOT_FOUND', `There is no device ${id}.`)
    return fact
  }
  const view = (fact: DeviceFact): Device => toDevice(fact, registry.now().stayOfDevice.get(fact.id), hub)

  return {
    list: () => ({ devices: registry.now().world.devices.filter((fact) => fact.retiredAtMs === null && fact.id !== CANARY_DEVICE).map(view) }),
    get: (id) => view(must(id)),
    async add({ id, site = DEFAULT_SITE, label = '', mode = 'real', note = '' }) {
      if (RESERVED.has(id)) throw new AppError('INVALID_REQUEST', `"${id}" is the name of one of Vigil's own programs. Choose another name for the device.`, { details: { field: 'id' } })
      const secret = newSecret()
      const secretMac = createHmac('sha256', pepper).update(secret).digest()
      await store.add({ id, site, label, mode, note, secretMac, createdAtMs: clock.now() })
      await registry.refresh()
      return { id, site, secret }
    },
    async change(id, change) {
      must(id)
      await store.change(id, change)
      await registry.refresh()
      return view(must(id))
    },
    async retire(id) {
      must(id)
      await store.retire(id, clock.now())
      await registry.refresh()
    },
  }
}

function toDevice(fact: DeviceFact, stay: StayFact | undefined, hub: LiveHub): Device {
  const birth = hub.birth(fact.id)
  const lastSeenMs = hub.lastSeenMs(fact.id)
  return {
    id: fact.id,
    site: fact.site,
    label: fact.label,
    mode: modeOf(fact, birth),
    note: fact.note,
    status: hub.status(fact.id),
    lastSeen: lastSeenMs === undefined ? null : iso(lastSeenMs),
    createdAt: iso(fact.createdAtMs),
    intervalMs: hub.intervalMs(fact.id),
    notices: fact.notices.map(toNotice),
    ...isoField('retiredAt', fact.retiredAtMs),
    ...field('firmware', birth?.fw),
    ...field('hardware', birth?.hw),
    ...field('epoch', birth?.e),
    ...field('unsent', birth?.unsent),
    ...field('dropped', birth?.dropped),
    ...field('capabilities', birth?.caps),
    ...(stay ? { stay: { id: stay.id, ...field('bedId', stay.bedId), ...field('wardId', stay.wardId) } } : {}),
  }
}

function toNotice({ kind, firstAtMs, lastAtMs, count, detail }: NoticeFact): DeviceNotice {
  return { kind, firstAt: iso(firstAtMs), lastAt: iso(lastAtMs), count, ...field('detail', detail) }
}
