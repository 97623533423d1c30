import { type Alarm, type AlarmConfirmation, CONFIRMATION_MS, topicOf } from '@vigil/contract'
import type { WorldIndex } from '../../registry/world-index.ts'

export interface ConfirmationContext {
  readonly alarms: readonly Alarm[]
  readonly armed: Readonly<Record<string, number>>
  readonly world: WorldIndex
  readonly nowMs: number
  /** One device, also when nothing is open for it any more; every device with something open when absent. */
  readonly device?: string | undefined
}

const MOST = 32

/** What each board is told that the centre holds open for it. Physiological alarms only: what is wrong with a board it knows itself. */
export function confirmations({ alarms, armed, world, nowMs, device }: ConfirmationContext): { topic: string; message: AlarmConfirmation }[] {
  const byDevice = new Map<string, Alarm[]>(device === undefined ? [] : [[device, []]])
  for (const alarm of alarms) {
    if (alarm.kind !== 'physiological' || alarm.deviceId === undefined || (device !== undefined && alarm.deviceId !== device)) continue
    byDevice.set(alarm.deviceId, [...(byDevice.get(alarm.deviceId) ?? []), alarm])
  }
  return [...byDevice].flatMap(([id, open]) => {
    const fact = world.devices.get(id)
    if (!fact) return []
    const wardId = world.stayOfDevice.get(id)?.wardId
    const a = open.slice(0, MOST).map((alarm) => ({ c: alarm.condition, p: alarm.priority, st: alarm.state as 'active', since: Date.parse(alarm.since) }))
    return [{ topic: topicOf({ site: fact.site, device: id }, 'alarm'), message: { t: nowMs, for: CONFIRMATION_MS, armed: (wardId && armed[wardId]) || 0, a } }]
  })
}
