import type { Alarm } from '@vigil/contract/api/alarms'

type Ranked = Pick<Alarm, 'state' | 'priority' | 'announcedAt' | 'kind' | 'pausedSince'>

const states: Readonly<Record<Alarm['state'], number>> = { active: 0, latched: 1, acknowledged: 2, cleared: 3 }
const priorities: Readonly<Record<Alarm['priority'], number>> = { high: 0, medium: 1, low: 2 }

/** What calls before what is owned or held back, then by priority, a patient before a device, the newest first. */
export function byNeed(a: Ranked, b: Ranked): number {
  const quiet = Number(!isCalling(a)) - Number(!isCalling(b))
  return quiet || priorities[a.priority] - priorities[b.priority] || states[a.state] - states[b.state] || Number(a.kind === 'technical') - Number(b.kind === 'technical') || b.announcedAt.localeCompare(a.announcedAt)
}

/** The one a person should look at first; undefined when nothing is open. */
export function mostUrgent<A extends Ranked>(alarms: readonly A[]): A | undefined {
  return [...alarms].sort(byNeed)[0]
}

export const isUnanswered = (alarm: Pick<Alarm, 'state'>): boolean => alarm.state === 'active' || alarm.state === 'latched'

/** Wants somebody now: unanswered, and not held back by a pause of monitoring. */
export const isCalling = (alarm: Pick<Alarm, 'state' | 'pausedSince'>): boolean => isUnanswered(alarm) && alarm.pausedSince === undefined
