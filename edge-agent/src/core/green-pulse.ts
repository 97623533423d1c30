import type { BlockReading } from '../sensors/reading.ts'
import { createFingerStream } from '../signals/light/finger-stream.ts'
import type { VitalSecond } from '../signals/vital-signs.ts'

/** The pulse in the green light of a third LED, which moves less with the hand than infrared does. */
export interface GreenPulse {
  push(block: BlockReading): void
  /** The second with the pulse rate the green light has, when infrared has none while a finger is there. */
  helpOut(second: VitalSecond): VitalSecond
}

/** While infrared has the pulse, the green one is looked at this rarely: a rhythm counts as proven by looks no further apart. */
const IDLE_LOOK_EVERY_S = 2

/** Reasons for which another colour can still see the pulse; without a finger or a sensor it cannot. */
const worthTrying: ReadonlySet<string> = new Set(['motion', 'weak', 'no-lock', 'saturated'])

export function createGreenPulse(): GreenPulse {
  const stream = createFingerStream({ breathing: false })
  let heard = false
  let sinceLookS = 0
  return {
    push(block) {
      heard = true
      stream.push('ir', block)
    },
    helpOut(second) {
      if (!heard) return second
      const needed = second.m.pr === undefined && worthTrying.has(second.x.pr ?? '')
      sinceLookS += 1
      if (!needed && sinceLookS < IDLE_LOOK_EVERY_S) return second
      sinceLookS = 0
      const pr = stream.second()?.pr
      if (!needed || pr?.value === undefined) return second
      const { pr: _reason, ...x } = second.x
      return { ...second, m: { ...second.m, pr: pr.value }, x, sq: { ...second.sq, pr: pr.sq }, q: { ...second.q, ...(pr.question && { pr: pr.question }) } }
    },
  }
}
