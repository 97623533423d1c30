import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { Sight } from '../live/watchdog.ts'

/** `off`: this person's role has no live values, so there is nothing to be blind to. */
export type ShownSight = Sight | 'reconnecting' | 'off'
const sightKey: InjectionKey<ComputedRef<ShownSight>> = Symbol('sight')

export function provideShownSight(sight: ComputedRef<ShownSight>): void {
  provide(sightKey, sight)
}

/** Whether this screen sees, for parts that must stop pretending when it does not (traces). */
export function useShownSight(): ComputedRef<ShownSight> {
  return inject(sightKey, () => computed<ShownSight>(() => 'live'), true)
}
