import { type AlarmWatch, freshnessLimits } from '@vigil/contract'
import type { AlarmBook } from '@vigil/contract/alarms'
import type { LiveHub } from '../../live/live-hub.ts'

export interface WatchedNow {
  readonly book: AlarmBook
  readonly hub: Pick<LiveHub, 'intervalMs'>
  readonly nowMs: number
}

/** How many stays have rules, and from how many of them something was heard lately: rules alone watch nobody. */
export function staysWatched({ book, hub, nowMs }: WatchedNow): Pick<AlarmWatch, 'staysWatched' | 'staysHeard'> {
  const stays = [...book.subjects()].filter((key) => key.startsWith('stay:'))
  const isHeard = (key: string) => {
    const deviceId = book.watched(key)?.place.deviceId
    if (deviceId === undefined || deviceId === null) return false
    return nowMs - Math.max(0, ...(book.heard(key)?.values() ?? [])) <= freshnessLimits(hub.intervalMs(deviceId)).staleAfterMs
  }
  return { staysWatched: stays.length, staysHeard: stays.filter(isHeard).length }
}
