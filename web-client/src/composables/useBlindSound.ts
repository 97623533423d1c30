import { onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { Clock, Stop } from '@vigil/contract/clock'
import { blindPulses, type Speaker } from '../sound/speaker.ts'
import type { ShownSight } from './useShownSight.ts'

const REPEAT_MS = 30_000

/**
 * A screen that went blind is heard at once and every half minute, until it sees again. When the browser keeps it silent
 * that is told, so that silence is never taken for all being well.
 */
export function useBlindSound(speaker: Speaker, clock: Clock, sight: ComputedRef<ShownSight>): { readonly muted: ShallowRef<boolean>; tap(): void } {
  const muted = shallowRef(false)
  let stop: Stop = () => undefined

  const sound = () => (muted.value = !speaker.play(blindPulses))
  const unlock = () => void speaker.unlock()
  addEventListener('pointerdown', unlock)
  addEventListener('keydown', unlock)
  onScopeDispose(() => {
    removeEventListener('pointerdown', unlock)
    removeEventListener('keydown', unlock)
    stop()
  })
  watch(() => sight.value === 'blind', (blind) => {
    stop()
    if (!blind) return
    sound()
    stop = clock.every(REPEAT_MS, sound)
  })
  return {
    muted,
    tap() {
      void speaker.unlock().then(sound)
    },
  }
}
