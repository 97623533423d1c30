import { type AlarmBook, BUFFER_FILLING, DEVICE_LOST_MS, type Escalation, NO_DATA_MS, subjectKey, UNASSIGNED_MS } from '@vigil/contract/alarms'
import { modeOf } from '../devices/device-mode.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { WorldIndex } from '../registry/world-index.ts'
import { plain } from './watch-list.ts'

export interface SweepContext {
  readonly book: AlarmBook
  readonly hub: LiveHub
  readonly world: WorldIndex
  readonly nowMs: number
  /** When the engine began to hear the broker; `undefined` while it does not. */
  readonly listeningSinceMs: number | undefined
  readonly escalation: Escalation | undefined
}

/** More beds than this lost within a minute have one cause, and one alarm. */
const MANY = 10
const MANY_WITHIN_MS = 60_000

interface Silent {
  readonly key: string
  readonly site: string
  readonly silentMs: number
}

/** Devices that fell silent. While the engine itself hears nothing, it cannot tell: that is an alarm of its own. */
export function sweepDevices(context: SweepContext): void {
  const { book, hub, world, nowMs, listeningSinceMs } = context
  if (listeningSinceMs === undefined) return
  const lost: Silent[] = []
  for (const stay of world.stays.values()) {
    const key = subjectKey({ kind: 'stay', id: stay.id })
    const device = stay.link?.deviceId
    if (device === undefined || !book.has(key)) continue
    const silentMs = silenceOf(context, device, listeningSinceMs)
    if (silentMs === undefined) book.judge(key, 'device_lost', false, nowMs)
    else if (silentMs >= DEVICE_LOST_MS) lost.push({ key, site: world.devices.get(device)?.site ?? 'main', silentMs })
    bufferOf(book, hub, key, device, nowMs)
  }
  for (const site of world.sites) judgeLost(context, site, lost.filter((one) => one.site === site))
}

/** How long a lost device has been silent; `undefined` for one that is there, or never was. */
function silenceOf({ hub, nowMs }: SweepContext, device: string, listeningSinceMs: number): number | undefined {
  const lastSeenMs = hub.lastSeenMs(device)
  if (hub.status(device) !== 'lost' || lastSeenMs === undefined) return undefined
  return nowMs - Math.max(lastSeenMs, listeningSinceMs)
}

/** One alarm per bed, or one for all when so many fell silent together that they have one cause. */
function judgeLost({ book, nowMs }: SweepContext, site: string, lost: readonly Silent[]): void {
  const key = subjectKey({ kind: 'site', id: site })
  const fresh = lost.filter((one) => one.silentMs < DEVICE_LOST_MS + MANY_WITHIN_MS && !book.isOpen(one.key, 'device_lost'))
  const together = fresh.length > MANY || (book.isOpen(key, 'link_lost') && lost.length > MANY)
  book.judge(key, 'link_lost', together, nowMs, lost.length)
  if (!together) for (const { key: bed, silentMs } of lost) book.judge(bed, 'device_lost', true, nowMs, Math.round(silentMs / 1_000))
}

function bufferOf(book: AlarmBook, hub: LiveHub, key: string, device: string, nowMs: number): void {
  const unsent = hub.birth(device)?.unsent ?? 0
  book.judge(key, 'buffer_filling', unsent > BUFFER_FILLING, nowMs, unsent)
}

/** Devices that send data and watch nobody. */
export function sweepUnassigned({ book, hub, world, nowMs, escalation }: SweepContext, since: Map<string, number>): void {
  for (const device of world.devices.values()) {
    const key = subjectKey({ kind: 'device', id: device.id })
    const isSending = device.retiredAtMs === null && !world.stayOfDevice.has(device.id) && hub.status(device.id) === 'online' && Object.keys(hub.latest(device.id, nowMs - NO_DATA_MS)).length > 0
    if (!isSending || modeOf(device, hub.birth(device.id)) !== 'real') {
      since.delete(device.id)
      book.forget(key, nowMs, 'linked or silent')
      continue
    }
    const from = since.get(device.id) ?? nowMs
    since.set(device.id, from)
    if (nowMs - from < UNASSIGNED_MS) continue
    if (!book.has(key)) book.watch(plain({ kind: 'device', id: device.id }, { site: device.site, wardId: null, deviceId: device.id, mode: 'real' }, escalation), nowMs)
    book.judge(key, 'unassigned_device', true, nowMs)
  }
}

/** Wards with patients and nobody to hear. */
export function sweepWards({ book, world, nowMs }: SweepContext, armed: Readonly<Record<string, number>>): void {
  const withPatients = new Set<string>()
  for (const stay of world.stays.values()) if (stay.wardId !== null && stay.link && book.has(subjectKey({ kind: 'stay', id: stay.id }))) withPatients.add(stay.wardId)
  for (const ward of world.world.wards) {
    book.judge(subjectKey({ kind: 'ward', id: ward.id }), 'no_armed_screen', withPatients.has(ward.id) && (armed[ward.id] ?? 0) === 0, nowMs)
  }
}

export interface PathFacts {
  readonly databaseAway: boolean
  readonly pathDown: boolean
  readonly bridgeBehind: boolean
}

/** What the whole site depends on. */
export function sweepSites({ book, world, nowMs }: SweepContext, { databaseAway, pathDown, bridgeBehind }: PathFacts): void {
  for (const site of world.sites) {
    const key = subjectKey({ kind: 'site', id: site })
    book.judge(key, 'database_away', databaseAway, nowMs)
    book.judge(key, 'path_down', pathDown, nowMs)
    book.judge(key, 'bridge_behind', bridgeBehind, nowMs)
  }
}
