import type { Alarm } from '@vigil/contract/api/alarms'
import { isUnanswered } from '../../alarms/alarm-order.ts'

export const priorities = ['high', 'medium', 'low'] as const satisfies readonly Alarm['priority'][]

/** Which open alarms a list shows; nothing chosen: all. */
export interface AlarmFilter {
  readonly ward: string | undefined
  readonly priority: Alarm['priority'] | undefined
}

/** What a filter leaves out, so that the page can say so. */
export interface LeftOut {
  readonly otherWards: number
  /** In the chosen wards, but of another priority. */
  readonly otherPriorities: number
  readonly unanswered: number
}

/** An alarm of no ward (a path of the whole house that is down) concerns every ward: no choice of a ward leaves it out. */
export function filterAlarms<A extends Pick<Alarm, 'wardId' | 'priority' | 'state'>>(alarms: readonly A[], { ward, priority }: AlarmFilter): { shown: A[]; left: LeftOut } {
  const ofWard = (alarm: A) => ward === undefined || alarm.wardId === undefined || alarm.wardId === ward
  const ofPriority = (alarm: A) => priority === undefined || alarm.priority === priority
  const inWard = alarms.filter(ofWard)
  const shown = inWard.filter(ofPriority)
  const left = alarms.filter((alarm) => !ofWard(alarm) || !ofPriority(alarm))
  return { shown, left: { otherWards: alarms.length - inWard.length, otherPriorities: inWard.length - shown.length, unanswered: left.filter(isUnanswered).length } }
}

/** As the address has it. A priority there is none of chooses nothing: more is shown, never less. */
export function filterOf(query: Readonly<Record<string, unknown>>): AlarmFilter {
  const { ward, priority } = query
  return { ward: typeof ward === 'string' && ward !== '' ? ward : undefined, priority: priorities.find((known) => known === priority) }
}
