import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { freshnessAt, freshnessLimits, type Freshness } from '@vigil/contract/freshness'
import { useNow } from './useNow.ts'

/**
 * How far a value may be trusted, from the time it was measured and how often its device reports. Judged again on the
 * shared tick, so a silent connection is noticed by the screen itself and not only by the server.
 */
export function useFreshness(
  measuredAtMs: MaybeRefOrGetter<number | undefined>,
  intervalMs: MaybeRefOrGetter<number>,
): { freshness: ComputedRef<Freshness>; ageMs: ComputedRef<number | undefined> } {
  const now = useNow()
  const limits = computed(() => freshnessLimits(toValue(intervalMs)))
  const freshness = computed(() => freshnessAt(toValue(measuredAtMs), now.value, limits.value))
  const ageMs = computed(() => {
    const at = toValue(measuredAtMs)
    return at === undefined ? undefined : Math.max(0, now.value - at)
  })
  return { freshness, ageMs }
}
