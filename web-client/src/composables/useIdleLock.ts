import { onScopeDispose } from 'vue'
import type { Clock } from '@vigil/contract/clock'
import { markNow, sinceMark } from '../clock-mark.ts'
import type { Session } from '../session.ts'

/** So long without a touch and somebody else may stand there. */
export const IDLE_LOCK_MS = 5 * 60_000
const LOOK_EVERY_MS = 5_000
const TOUCHES = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const

/** Locks the screen of a person who has a PIN when nobody touched it for a while; a wall has nobody to lock it for. */
export function useIdleLock(session: Pick<Session, 'info' | 'lock'>, clock: Clock, target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> = window): void {
  let touched = markNow(clock)
  const touch = () => { touched = markNow(clock) }
  let locking = false
  for (const name of TOUCHES) target.addEventListener(name, touch, { passive: true })
  const stop = clock.every(LOOK_EVERY_MS, () => {
    const info = session.info.value
    if (info?.user.hasPin !== true || info.locked === true || locking || sinceMark(clock, touched) < IDLE_LOCK_MS) return
    locking = true
    // With the server away it is tried again at the next look; the strip says that it is away.
    void session.lock().then(touch, () => undefined).finally(() => (locking = false))
  })
  onScopeDispose(() => {
    stop()
    for (const name of TOUCHES) target.removeEventListener(name, touch)
  })
}
