import { inject, provide, readonly, shallowRef, onScopeDispose, type InjectionKey, type ShallowRef } from 'vue'
import type { Clock } from '@vigil/contract/clock'

const nowKey: InjectionKey<Readonly<ShallowRef<number>>> = Symbol('now')
export const TICK_MS = 1_000

export interface SharedTick {
  readonly now: Readonly<ShallowRef<number>>
  /** Looks at the clock at once: the tab came back, a frame corrected the time. */
  refresh(): void
}

/**
 * The one tick of the page. Forty-eight beds of six values share it instead of each owning a timer.
 * `serverNow` is server time in ms since the Unix epoch.
 */
export function provideNow(serverNow: () => number, clock: Clock): SharedTick {
  const now = shallowRef(serverNow())
  const refresh = () => (now.value = serverNow())
  onScopeDispose(clock.every(TICK_MS, refresh))
  provide(nowKey, readonly(now))
  return { now, refresh }
}

/** Server time on the shared tick. Without a provider (a component shown alone) time stands at zero age. */
export function useNow(): Readonly<ShallowRef<number>> {
  return inject(nowKey, () => shallowRef(0), true)
}

/** Hands a tick made elsewhere to the components below; for tests and isolated views. */
export function provideTick(now: Readonly<ShallowRef<number>>): void {
  provide(nowKey, now)
}
