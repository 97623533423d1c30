import type { Alarm, AudioNow } from '@vigil/contract/api/alarms'
import type { Loudness } from '../sound/burst.ts'
import { isCalling } from './alarm-order.ts'
import { pauseEnd } from './pause-end.ts'

/** What is to be heard now: one alarm, never a chord of them. */
export interface SoundWanted {
  /** Changes when a new, worse or repeated alarm calls: the burst starts at once. */
  readonly key: string
  readonly priority: Loudness
  readonly condition: string
}

const ranks: Readonly<Record<Loudness, number>> = { high: 3, medium: 2, low: 1 }

/** Audio of its patient paused or off: the alarm is seen, not heard. */
export function isSilenced(alarm: Pick<Alarm, 'stayId' | 'kind'>, audioOf: (stayId: string) => AudioNow | undefined, nowMs: number): boolean {
  const audio = alarm.stayId === undefined ? undefined : audioOf(alarm.stayId)
  if (!audio || audio.mode === 'on') return false
  return audio.mode === 'off' || (pauseEnd(audio) ?? 0) > nowMs
}

/**
 * The highest alarm that calls and whose patient's audio is on; of two alike the newest. A high alarm that was over before anyone
 * saw it reminds with the low signal. Acknowledging one patient's alarm leaves those of the others sounding.
 */
export function chooseSound(alarms: readonly Alarm[], audioOf: (stayId: string) => AudioNow | undefined, nowMs: number): SoundWanted | undefined {
  let best: { alarm: Alarm; priority: Loudness } | undefined
  for (const alarm of alarms) {
    if (!isCalling(alarm) || isSilenced(alarm, audioOf, nowMs)) continue
    const priority: Loudness = alarm.state === 'latched' ? 'low' : alarm.priority
    if (!best || ranks[priority] > ranks[best.priority] || (priority === best.priority && alarm.announcedAt > best.alarm.announcedAt)) best = { alarm, priority }
  }
  return best && { key: `${best.alarm.id}/${best.alarm.version}/${best.priority}`, priority: best.priority, condition: best.alarm.condition }
}
