import { computed, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { ShownSight } from './useShownSight.ts'
import { markNow, sinceMark } from '../clock-mark.ts'
import type { Services } from '../services.ts'
import { sightAfter, type Sight } from '../live/watchdog.ts'

/** A page that did nothing at all for this long was asleep: suspended computer or frozen tab. */
const ASLEEP_AFTER_MS = 30_000

export interface SightState {
  readonly sight: ComputedRef<ShownSight>
  /** Server time of the last word from the server; undefined before the first. */
  readonly lastHeardMs: Readonly<ShallowRef<number | undefined>>
  readonly silentMs: ComputedRef<number>
  /** How long this page slept, until dismissed. */
  readonly sleptMs: ShallowRef<number | undefined>
}

/**
 * Whether this screen may be relied on. Two judges, the worse one counts: a watchdog in a Worker, and the page's own tick
 * (which still works where Workers do not). `now` is the shared tick in server time; `watching` false for a role without
 * live values.
 */
export function useSight({ clock, live, startWatchdog, onHeard }: Services, now: Readonly<ShallowRef<number>>, watching: boolean): SightState {
  const lastHeardMs = shallowRef<number>()
  const dogSays = shallowRef<Sight>('starting')
  const sleptMs = shallowRef<number>()
  const startedMs = now.value
  const dog = startWatchdog((sight) => (dogSays.value = sight))
  let lastSign = markNow(clock)

  /** Ticks and frames are signs of life of the page itself. */
  function sign(): void {
    const asleepMs = sinceMark(clock, lastSign)
    if (asleepMs > ASLEEP_AFTER_MS) sleptMs.value = asleepMs
    lastSign = markNow(clock)
  }

  const stopHearing = onHeard(() => {
    sign()
    lastHeardMs.value = live.serverTime.now()
    dog.beat()
  })
  onScopeDispose(stopHearing)
  onScopeDispose(clock.every(1_000, sign))
  onScopeDispose(() => dog.stop())

  const silentMs = computed(() => Math.max(0, now.value - (lastHeardMs.value ?? startedMs)))
  const sight = computed<ShownSight>(() => {
    if (!watching) return 'off'
    const own = sightAfter(silentMs.value, lastHeardMs.value !== undefined)
    if (own === 'blind' || dogSays.value === 'blind') return 'blind'
    if (lastHeardMs.value !== undefined && live.phase.value !== 'open') return 'reconnecting'
    return own
  })
  return { sight, lastHeardMs, silentMs, sleptMs }
}

