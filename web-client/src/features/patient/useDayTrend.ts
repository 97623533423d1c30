import { computed, onScopeDispose, type ComputedRef } from 'vue'
import type { SignalTrend } from '@vigil/contract/api/ward-trend'
import { useNarrow } from '../../composables/useNarrow.ts'
import { useNow } from '../../composables/useNow.ts'
import { useRequest } from '../../composables/useRequest.ts'
import { useServices } from '../../services.ts'
import { bandsOf } from '../../ui/chart/limit-bands.ts'
import { stepMeans } from '../../ui/chart/step-means.ts'
import { sources } from '../../ui/vital-signals.ts'
import type { PatientView } from './patient-view.ts'

const DAY_MS = 86_400_000
const STEPS = 96
const STEP_MS = DAY_MS / STEPS
const RENEW_MS = STEP_MS / 3
const signals = Object.values(sources).flat().join(',')

/**
 * On a phone the last 24 h of each vital, means of a quarter of an hour, with the limits in force now; elsewhere nothing, for there the
 * trends are one press away beside the numbers. Not older than a step: an old course must not stand behind a number of now.
 */
export function useDayTrend(view: Pick<PatientView, 'stayId' | 'stay'>): ComputedRef<Readonly<Record<string, SignalTrend>>> {
  const { api, clock, live, session } = useServices()
  const narrow = useNarrow()
  const now = useNow()
  const wanted = () => (narrow.value && session.may('history:read') && view.stay.data.value && view.stay.data.value.dischargedAt === undefined ? view.stayId : undefined)
  const request = useRequest(async (signal) => {
    const stay = wanted()
    if (stay === undefined) return undefined
    const to = Math.round(live.serverTime.now())
    const [history, limits] = await Promise.all([api.history({ stay }, { signals, from: to - DAY_MS, to, points: STEPS }, signal), api.limits(stay, signal)])
    const bands = bandsOf(limits.limits)
    return { atMs: to, courses: Object.fromEntries(history.series.filter((s) => s.points.length > 0).map((s): [string, SignalTrend] => [s.signal, { means: stepMeans(history, s.points, STEP_MS), ...bands[s.signal] }])) }
  }, wanted)
  onScopeDispose(clock.every(RENEW_MS, () => void request.reload()))
  return computed(() => (request.data.value && now.value - request.data.value.atMs < STEP_MS ? request.data.value.courses : {}))
}
