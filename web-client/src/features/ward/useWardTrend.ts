import { computed, onScopeDispose, type ComputedRef } from 'vue'
import type { BedTrend } from '@vigil/contract/api/ward-trend'
import { TREND_STEP_MS } from '@vigil/contract/trend-steps'
import { useRequest } from '../../composables/useRequest.ts'
import { useNow } from '../../composables/useNow.ts'
import { useServices } from '../../services.ts'

/** After so long without a newer answer nothing is drawn: an old course must not stand behind a number of now. */
const GONE_AFTER_MS = 3 * TREND_STEP_MS

/** The last quarter of an hour by bed, asked for anew each half minute. Without it the wall shows what it shows, only without courses. */
export function useWardTrend(ward: () => string): ComputedRef<ReadonlyMap<string, BedTrend>> {
  const { api, clock, session } = useServices()
  const now = useNow()
  const request = useRequest(async (signal) => (session.may('ward:read') ? api.wardTrend(ward(), signal) : undefined), ward)
  onScopeDispose(clock.every(TREND_STEP_MS, () => void request.reload()))
  const isNew = computed(() => now.value - (request.data.value?.serverTimeMs ?? 0) < GONE_AFTER_MS)
  return computed(() => new Map((isNew.value ? (request.data.value?.beds ?? []) : []).map((bed) => [bed.bedId, bed])))
}
