import { type AlarmPlace, defaultStayLimits, isInForce, limitsInForce, nextExpiryMs, subjectKey, type StayLimits, type WatchedSubject, type Escalation } from '@vigil/contract/alarms'
import { modeOf } from '../../devices/device-mode.ts'
import type { LiveHub } from '../../live/live-hub.ts'
import type { DeviceFact, Mode, StayFact, WardFact } from '../../registry/world.ts'
import type { WorldIndex } from '../../registry/world-index.ts'

/** Everything to be watched now, and until when that list is right without anybody changing anything. */
export interface WatchList {
  readonly subjects: ReadonlyMap<string, WatchedSubject>
  readonly rightUntilMs: number
}

export interface ListContext {
  readonly world: WorldIndex
  readonly hub: LiveHub
  readonly nowMs: number
  readonly escalation?: Escalation | undefined
}

const RULES_WITHOUT_STAY = 3 * 60_000

/** Stays with their device and limits, wards, sites. Demo and test data are watched inside a demo or test ward only. */
export function watchList(context: ListContext): WatchList {
  const { world, nowMs, escalation } = context
  const subjects = new Map<string, WatchedSubject>()
  const add = (subject: WatchedSubject) => subjects.set(subjectKey(subject.subject), subject)
  let rightUntilMs = Infinity
  for (const stay of world.stays.values()) {
    const ward = stay.wardId === null ? undefined : world.wards.get(stay.wardId)
    const watched = watchedStay(stay, ward, context)
    if (!watched) continue
    add(watched)
    rightUntilMs = Math.min(rightUntilMs, nextExpiryMs(limitsOf(stay), nowMs) ?? Infinity)
  }
  for (const ward of world.world.wards) add(plain({ kind: 'ward', id: ward.id }, { site: ward.site, wardId: ward.id, mode: ward.mode }, escalation))
  for (const site of world.sites) add(plain({ kind: 'site', id: site }, { site, wardId: null, mode: 'real' }, escalation))
  return { subjects, rightUntilMs }
}

export function limitsOf(stay: StayFact): StayLimits {
  return stay.care?.limits ?? defaultStayLimits
}

function watchedStay(stay: StayFact, ward: WardFact | undefined, { world, hub, nowMs, escalation }: ListContext): WatchedSubject | undefined {
  const device = stay.link ? world.devices.get(stay.link.deviceId) : undefined
  const mode = watchedMode(ward, device, hub)
  if (mode === undefined) return undefined
  const limits = limitsOf(stay)
  return {
    subject: { kind: 'stay', id: stay.id },
    place: { site: siteOf(ward, device), wardId: stay.wardId, bedId: stay.bedId, stayId: stay.id, deviceId: device?.id ?? null, mode },
    limits: limitsInForce(limits, nowMs),
    off: offNow(limits, nowMs),
    rules: { reAlarmMs: limits.reAlarmMin * 60_000, ...(escalation ? { escalation } : {}) },
    typed: stay.care?.typed ?? {},
    news2Scale: isInForce(limits.spo2Scale2, nowMs) ? 2 : 1,
  }
}

function siteOf(ward: WardFact | undefined, device: DeviceFact | undefined): string {
  return ward?.site ?? device?.site ?? 'main'
}

/** Demo and test data are no alarm among real patients. */
function watchedMode(ward: WardFact | undefined, device: DeviceFact | undefined, hub: LiveHub): Mode | undefined {
  const wardMode = ward?.mode ?? 'real'
  const mode = device ? modeOf(device, hub.birth(device.id)) : wardMode
  return mode !== 'real' && wardMode === 'real' ? undefined : mode
}

function offNow({ off }: StayLimits, nowMs: number): Set<string> {
  return new Set(Object.entries(off).flatMap(([condition, decision]) => (isInForce(decision, nowMs) ? [condition] : [])))
}

/** A subject that is not a patient: technical conditions only. */
export function plain(subject: WatchedSubject['subject'], place: Pick<AlarmPlace, 'site' | 'wardId' | 'mode'> & Partial<AlarmPlace>, escalation?: Escalation): WatchedSubject {
  return { subject, place: { bedId: null, stayId: null, deviceId: null, ...place }, off: new Set(), rules: { reAlarmMs: RULES_WITHOUT_STAY, ...(escalation ? { escalation } : {}) } }
}
