import type { AudioNow } from '@vigil/contract/api/alarms'
import { isSilenced } from './choose-sound.ts'
import { pauseEnd } from './pause-end.ts'

/** What of a ward is heard now. */
export interface WardQuiet {
  /** Patients who are monitored there. */
  readonly of: number
  /** Of how many of them the sound is paused. */
  readonly paused: number
  /** When the last of these pauses ends, ms since the Unix epoch. */
  readonly endMs: number
  /** Whether anybody sounds whose sound could be paused: one patient's pause is no reason to hide the ward's. */
  readonly hasSound: boolean
  /** The ward as a whole is quiet: all of it, or most of it since a new alarm ended the pause of its patient. */
  readonly isWhole: boolean
}

/** The sound of the monitored stays of a ward. */
export function wardQuiet(stays: readonly string[], audioOf: (stayId: string) => AudioNow | undefined, nowMs: number): WardQuiet {
  const ends = stays.map((stay) => pauseEnd(audioOf(stay)) ?? 0).filter((end) => end > nowMs)
  const hasSound = stays.length === 0 || stays.some((stayId) => !isSilenced({ stayId, kind: 'physiological' }, audioOf, nowMs))
  return { of: stays.length, paused: ends.length, endMs: Math.max(0, ...ends), hasSound, isWhole: ends.length > 0 && (!hasSound || (ends.length > 1 && ends.length * 2 >= stays.length)) }
}
