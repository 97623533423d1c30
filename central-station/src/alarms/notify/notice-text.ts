import type { Alarm } from '@vigil/contract'

/** Bed only, unless somebody decided that names may leave the house. */
export function placeOf({ bedLabel, bedId, wardId, deviceId, subject, patient }: Alarm, names: boolean): string {
  const bed = bedLabel ?? bedId
  const where = bed === undefined ? undefined : `bed ${bed}${wardId === undefined ? '' : `, ${wardId}`}`
  const who = names && patient ? `${patient.familyName} ${patient.givenName}`.trim() : undefined
  return [where ?? (wardId === undefined ? (deviceId ?? `${subject.kind} ${subject.id}`) : `ward ${wardId}`), who].filter((part) => part !== undefined).join(', ')
}

export function noticeLine(alarm: Alarm, names: boolean): string {
  const label = alarm.mode === 'real' ? '' : `${alarm.mode.toUpperCase()} `
  return `${label}${alarm.priority.toUpperCase()} ${placeOf(alarm, names)}: ${alarm.sentence}`
}

/** "HIGH bed 12, east", "MEDIUM device lost: 14 beds". */
export function noticeTitle(alarms: readonly Alarm[], names: boolean): string {
  const [first] = alarms
  if (!first) return ''
  const places = new Set(alarms.map((alarm) => placeOf(alarm, names)))
  const label = first.mode === 'real' ? '' : `${first.mode.toUpperCase()} `
  const priority = highest(alarms).toUpperCase()
  return places.size === 1 ? `${label}${priority} ${placeOf(first, names)}` : `${label}${priority} ${first.sentence}: ${places.size} beds`
}

export function highest(alarms: readonly Alarm[]): Alarm['priority'] {
  if (alarms.some((alarm) => alarm.priority === 'high')) return 'high'
  return alarms.some((alarm) => alarm.priority === 'medium') ? 'medium' : 'low'
}
