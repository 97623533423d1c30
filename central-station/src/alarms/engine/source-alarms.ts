import type { Clock, DeviceEvent, Stop } from '@vigil/contract'
import { type AlarmActor, type AlarmBook, isPriority, type Priority, sourceCondition, subjectKey } from '@vigil/contract/alarms'
import type { LiveHub } from '../../live/live-hub.ts'
import type { Registry } from '../../registry/registry.ts'

export interface SourceAlarmsOptions {
  readonly book: AlarmBook
  readonly hub: LiveHub
  readonly registry: Registry
  readonly clock: Clock
  readonly flush: () => void
}

const SWEEP_MS = 1_000
/** A sign of life that is late by two more of its own intervals is missing; no source is asked for more than one in this time. */
const SHORTEST_PATIENCE_MS = 30_000
const MISSED = 3

/**
 * Alarms of monitors themselves (IHE PCD-04), in our list as the monitor's own: they begin, are acknowledged at the bedside and
 * end when the monitor says so, or when it is lost. Nothing here silences a monitor. One that sends signs of life is missed when
 * they stop.
 */
export function watchSources({ book, hub, registry, clock, flush }: SourceAlarmsOptions): Stop {
  const open = new Map<string, Set<string>>()
  const signs = new Map<string, { atMs: number; gapMs: number }>()

  const stayOf = (device: string): string | undefined => {
    const stay = registry.now().stayOfDevice.get(device)
    return stay && subjectKey({ kind: 'stay', id: stay.id })
  }

  const hear = (device: string, event: DeviceEvent): void => {
    const key = event.ev === 'source_alarm' ? stayOf(device) : undefined
    if (key === undefined) return
    const { condition, priority, there, acknowledged, value } = readSaid(event)
    if (priority === undefined) return signOfLife(device, event.ph === 'end')
    book.report(key, condition, { there, priority, atMs: clock.now(), value })
    const mine = open.get(key) ?? new Set<string>()
    if (there) open.set(key, mine.add(condition))
    else mine.delete(condition)
    if (acknowledged) acknowledge(key, condition, device)
    flush()
  }

  const acknowledge = (key: string, condition: string, device: string): void => {
    const held = book.heldBy(key, condition)
    const by: AlarmActor = { user: 'bedside monitor', role: 'device', origin: device }
    if (held?.state.phase === 'active') book.acknowledge(held.alarmId, { atMs: clock.now(), by, seenVersion: held.state.version, note: null })
  }

  /** The last one says whether the monitor was switched off on purpose. */
  const signOfLife = (device: string, last: boolean): void => {
    const before = signs.get(device)
    const atMs = clock.now()
    if (last) signs.delete(device)
    else signs.set(device, { atMs, gapMs: before ? atMs - before.atMs : 0 })
  }

  const sweep = (): void => {
    const now = clock.now()
    for (const [device, { atMs, gapMs }] of signs) {
      const key = stayOf(device)
      if (key) book.judge(key, 'source_silent', now - atMs > Math.max(SHORTEST_PATIENCE_MS, MISSED * gapMs), now, Math.round((now - atMs) / 1_000))
    }
    for (const [key, conditions] of open) endLost(key, conditions, now)
    flush()
  }

  /** What a monitor that is gone once said is not known to hold any more; its loss is an alarm of its own. */
  const endLost = (key: string, conditions: ReadonlySet<string>, now: number): void => {
    const device = book.watched(key)?.place.deviceId
    if (device !== undefined && device !== null && hub.status(device) !== 'lost') return
    for (const condition of conditions) book.report(key, condition, { there: false, priority: 'low', atMs: now, value: null })
    open.delete(key)
  }

  const stops = [hub.listen({ event: hear }), clock.every(SWEEP_MS, sweep)]
  return () => stops.forEach((stop) => stop())
}

interface Said {
  readonly condition: string
  /** None of a sign of life. */
  readonly priority: Priority | undefined
  readonly there: boolean
  readonly acknowledged: boolean
  readonly value: number | null
}

function readSaid({ ph, data = {} }: DeviceEvent): Said {
  const text = (key: string) => String(data[key] ?? '')
  const priority = text('priority')
  const there = ph !== 'end' && text('state') !== 'inactive'
  const { value } = data
  return {
    condition: sourceCondition({ type: text('type'), event: text('event'), source: text('source') }),
    priority: isPriority(priority) ? priority : undefined,
    there,
    acknowledged: there && text('inactivation').includes('alert-acknowledged'),
    value: typeof value === 'number' ? value : null,
  }
}
