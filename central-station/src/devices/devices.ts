import { AppError, type Clock, type Device, type DeviceChange, type DeviceCreated, type DeviceList, type DeviceNotice, type NewAlinkDevice, type NewDevice, type SecretRotated, type SecretRotation } from '@vigil/contract'
import { createSeal } from '@vigil/program'
import { field, iso, isoField } from '../iso.ts'
import { CANARY_DEVICE } from '../live/canary.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import type { DeviceFact, NoticeFact, StayFact } from '../registry/world.ts'
import type { AlinkRow } from './alink-row.ts'
import { sealAlink } from './alink-secret.ts'
import { modeOf } from './device-mode.ts'
import { newerElsewhere, reportedBesides } from './device-drift.ts'
import { assertDeviceName, makeDeviceSecret } from './device-secret.ts'

export interface DeviceRow {
  readonly id: string
  readonly site: string
  readonly label: string
  readonly mode: DeviceFact['mode']
  readonly note: string
  /** See `DeviceSecret`. */
  readonly secretMac: Buffer
  readonly createdAtMs: number
  readonly alink?: AlinkRow | undefined
}

/** Port: the device registry. */
export interface DeviceStore {
  /** @throws AppError ALREADY_EXISTS */
  add(device: DeviceRow): Promise<void>
  /** @throws AppError MODE_MISMATCH */
  change(id: string, change: DeviceChange): Promise<void>
  /** Takes the place of what the device was called by Alink before; a revoked device is in service again. @throws AppError NOT_FOUND, ALREADY_EXISTS */
  setAlink(id: string, alink: AlinkRow, atMs: number): Promise<void>
  /** The secret before is taken until then; `null`: not at all. @throws AppError NOT_FOUND when retired meanwhile */
  rotate(id: string, secretMac: Buffer, atMs: number, previousUntilMs: number | null): Promise<void>
  /** Neither the secret nor the one before is taken any longer. @throws AppError NOT_FOUND when retired meanwhile */
  revoke(id: string, atMs: number): Promise<void>
  /** @throws AppError DEVICE_IN_USE */
  retire(id: string, atMs: number): Promise<void>
}

export interface Devices {
  /** From memory, without retired ones. */
  list(): DeviceList
  /** @throws AppError NOT_FOUND */
  get(id: string): Device
  /** The secret is in this answer and nowhere else. @throws AppError ALREADY_EXISTS, INVALID_REQUEST */
  add(device: NewDevice): Promise<DeviceCreated>
  /** @throws AppError NOT_FOUND, MODE_MISMATCH when it watches a patient marked otherwise */
  change(id: string, change: DeviceChange): Promise<Device>
  /** Makes it a device that speaks Alink, or gives it another name or secret there. The secret is in this answer and nowhere else. @throws AppError NOT_FOUND, ALREADY_EXISTS, INVALID_REQUEST */
  setAlink(id: string, alink: NewAlinkDevice): Promise<DeviceCreated>
  /** A new secret, in this answer and nowhere else; the old one is taken a while longer. @throws AppError NOT_FOUND */
  rotate(id: string, rotation: SecretRotation): Promise<SecretRotated>
  /** Ends every secret: the broker cuts live sessions at once. The device can be enrolled anew. @throws AppError NOT_FOUND */
  revoke(id: string): Promise<Device>
  /** Takes a device out of service; its history stays. @throws AppError NOT_FOUND, DEVICE_IN_USE */
  retire(id: string): Promise<void>
}

const DEFAULT_SITE = 'main'
/** Long enough to visit every board of a house. */
const PREVIOUS_VALID_FOR_MS = 86_400_000

export function createDevices(options: { store: DeviceStore; registry: Registry; hub: LiveHub; pepper: Buffer; clock: Clock }): Devices {
  const { store, registry, hub, pepper, clock } = options
  const seal = createSeal(pepper, 'alink')
  const must = (id: string): DeviceFact => {
    const fact = registry.now().devices.get(id)
    if (!fact) throw new AppError('NOT_FOUND', `There is no device ${id}.`)
    return fact
  }
  const births = () => registry.now().world.devices.filter((d) => d.retiredAtMs === null).map(({ id }) => ({ id, birth: hub.birth(id) }))
  /** What its model should run; as long as nobody said, the newest that others of it run. */
  const firmwareOf = (id: string): Pick<Device, 'firmwareDesired' | 'othersRun'> => {
    const model = hub.birth(id)?.hw
    const desired = registry.now().world.firmware?.find(({ hardware }) => hardware === model)?.firmware ?? undefined
    return desired === undefined ? field('othersRun', newerElsewhere(id, births())) : { firmwareDesired: desired }
  }
  const view = (fact: DeviceFact): Device => ({ ...toDevice(fact, registry.now().stayOfDevice.get(fact.id), hub), ...firmwareOf(fact.id) })

  return {
    list: () => ({ devices: registry.now().world.devices.filter((fact) => fact.retiredAtMs === null && fact.id !== CANARY_DEVICE).map(view) }),
    get: (id) => view(must(id)),
    async add({ id, site = DEFAULT_SITE, label = '', mode = 'real', note = '', alink }) {
      assertDeviceName(id, 'id')
      const { secret, mac: secretMac } = makeDeviceSecret(pepper)
      const sealed = alink && sealAlink(alink, seal)
      await store.add({ id, site, label, mode, note, secretMac, createdAtMs: clock.now(), alink: sealed?.row })
      await registry.refresh()
      // It signs with the secret of its maker; that of a board of ours is told to nobody, so it opens nothing.
      return { id, site, secret: sealed?.secret ?? secret }
    },
    async setAlink(id, alink) {
      const { site } = must(id)
      const { row, secret } = sealAlink(alink, seal)
      await store.setAlink(id, row, clock.now())
      await registry.refresh()
      return { id, site, secret }
    },
    async change(id, change) {
      must(id)
      await store.change(id, change)
      await registry.refresh()
      return view(must(id))
    },
    async rotate(id, { previousValidForMs = PREVIOUS_VALID_FOR_MS }) {
      const { site } = must(id)
      const { secret, mac } = makeDeviceSecret(pepper)
      const nowMs = clock.now()
      await store.rotate(id, mac, nowMs, previousValidForMs === 0 ? null : nowMs + previousValidForMs)
      await registry.refresh()
      return { id, site, secret, ...isoField('previousUntil', must(id).secretPreviousUntilMs) }
    },
    async revoke(id) {
      must(id)
      await store.revoke(id, clock.now())
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
    credentials: { since: iso(fact.secretAtMs), ...isoField('previousUntil', fact.secretPreviousUntilMs), ...isoField('revokedAt', fact.revokedAtMs) },
    ...isoField('retiredAt', fact.retiredAtMs),
    ...field('firmware', birth?.fw),
    ...field('hardware', birth?.hw),
    ...field('epoch', birth?.e),
    ...field('unsent', birth?.unsent),
    ...field('dropped', birth?.dropped),
    ...field('clockOffMs', hub.clockOffMs(fact.id)),
    ...reportedBesides(fact, hub),
    ...field('capabilities', birth?.caps),
    ...(fact.alink && { alink: fact.alink }),
    ...(stay ? { stay: { id: stay.id, ...field('bedId', stay.bedId), ...field('wardId', stay.wardId) } } : {}),
  }
}

function toNotice({ kind, firstAtMs, lastAtMs, count, detail }: NoticeFact): DeviceNotice {
  return { kind, firstAt: iso(firstAtMs), lastAt: iso(lastAtMs), count, ...field('detail', detail) }
}
