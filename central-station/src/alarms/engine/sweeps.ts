import { type AlarmBook, type Escalation, NO_DATA_MS, subjectKey, UNASSIGNED_MS } from '@vigil/contract/alarms'
import { modeOf } from '../../devices/device-mode.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import type { WorldIndex } from '../../registry/world-index.ts'
import { plain } from './watch-list.ts'

export interface SweepContext {
  readonly book: AlarmBook
  readonly hub: LiveHub
  readonly world: WorldIndex
  readonly nowMs: number
  /** When the engine began to hear the broker; `undefined` while it does not. */
  readonly listeningSinceMs: number | undefined
  /** When this engine began. */
  readonly startedMs: number
  readonly escalation: Escalation | undefined
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
  readonly firstUp: boolean
}

/** What the whole site depends on. */
export function sweepSites({ book, world, nowMs, startedMs }: SweepContext, { databaseAway, pathDown, bridgeBehind, firstUp }: PathFacts): void {
  for (const site of world.sites) {
    const key = subjectKey({ kind: 'site', id: site })
    book.judge(key, 'database_away', databaseAway, nowMs)
    book.judge(key, 'path_down', pathDown, nowMs)
    if (firstUp) neverWas(book, key, 'path_down', { startedMs, nowMs })
    book.judge(key, 'bridge_behind', bridgeBehind, nowMs)
  }
}

/**
 * What was announced because our own programs were slow to start ends with it: nothing was monitored meanwhile that could have been missed, and nobody
 * has to answer for it. What was open before the start stays as it is.
 */
export function neverWas(book: AlarmBook, key: string, condition: 'path_down' | 'link_lost', { startedMs, nowMs }: { startedMs: number; nowMs: number }): void {
  const held = book.heldBy(key, condition)
  if (held && held.state.sinceMs >= startedMs) book.withdraw(key, condition, nowMs, 'up for the first time since the start: nothing was monitored before')
}

/** How long a subject may be silent because its device reports seldom: one that does every five minutes is not silent after one. */
export function patienceMs({ book, hub }: Pick<SweepContext, 'book' | 'hub'>, key: string): number {
  const device = book.watched(key)?.place.deviceId
  return device === undefined || device === null ? 0 : 5 * hub.intervalMs(device)
}
