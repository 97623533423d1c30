import { computed, onScopeDispose, shallowRef, type ComputedRef } from 'vue'
import type { Clock } from '@vigil/contract/clock'

/** Nobody touched it: it stands at its start again, so that who comes next finds what they expect. */
export const TO_START_MS = 60_000
/** And then it dims: a lit screen in a dark room disturbs who sleeps. Who wakes it touches it; it has no camera to see them with. */
export const DIM_MS = 180_000
const LOOK_MS = 5_000
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

export interface MirrorRest {
  readonly dim: ComputedRef<boolean>
}

export interface MirrorRestOptions {
  readonly clock: Clock
  /** Something must be seen now: it stays lit. */
  readonly awake: () => boolean
  readonly toStart: () => void
  readonly target?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
}

/** What a mirror does while nobody touches it. A touch that wakes it is also a press: calling for help takes no second one. */
export function useMirrorRest({ clock, awake, toStart, target = window }: MirrorRestOptions): MirrorRest {
  const stillMs = shallowRef(0)
  let touchedAt = clock.monotonic()
  let isAtStart = true
  const touch = () => {
    touchedAt = clock.monotonic()
    stillMs.value = 0
    isAtStart = false
  }
  for (const name of TOUCHES) target.addEventListener(name, touch, { passive: true })
  const stop = clock.every(LOOK_MS, () => {
    stillMs.value = clock.monotonic() - touchedAt
    if (stillMs.value < TO_START_MS || isAtStart) return
    isAtStart = true
    toStart()
  })
  onScopeDispose(() => {
    stop()
    for (const name of TOUCHES) target.removeEventListener(name, touch)
  })
  return { dim: computed(() => stillMs.value >= DIM_MS && !awake()) }
}
