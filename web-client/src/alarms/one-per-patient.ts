import type { Alarm } from '@vigil/contract/api/alarms'

export interface PatientAlarms<A> {
  /** The most urgent of this patient's (or device's) alarms. */
  readonly alarm: A
  /** How many more there are. */
  readonly more: number
}

/** Bundles by patient: several conditions of one person are one call, not several. Order is kept. */
export function onePerPatient<A extends Pick<Alarm, 'id' | 'stayId' | 'deviceId'>>(sorted: readonly A[]): PatientAlarms<A>[] {
  const groups = new Map<string, { alarm: A; more: number }>()
  for (const alarm of sorted) {
    const key = alarm.stayId ?? alarm.deviceId ?? alarm.id
    const group = groups.get(key)
    if (group) group.more += 1
    else groups.set(key, { alarm, more: 0 })
  }
  return [...groups.values()]
}
