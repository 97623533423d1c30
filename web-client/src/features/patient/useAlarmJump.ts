import { shallowRef, watch, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useAction, type Action } from '../../composables/useAction.ts'
import { paths } from '../../paths.ts'
import { useServices } from '../../services.ts'
import type { PatientView } from './patient-view.ts'

export interface AlarmJump extends Pick<Action<[]>, 'run' | 'failure'> {
  /** Server time at which there was no alarm to go to; undefined otherwise, and once the page moved on. */
  readonly noneAtMs: ShallowRef<number | undefined>
}

/** Opens the trend at the newest alarm of this stay, open or over, with the range that is chosen or the hour around it; in the replay, its traces. */
export function useAlarmJump(view: Pick<PatientView, 'stayId' | 'stay'>): AlarmJump {
  const { api, live } = useServices()
  const route = useRoute()
  const router = useRouter()
  const noneAtMs = shallowRef<number>()

  const jump = useAction(async () => {
    noneAtMs.value = undefined
    const { stayId: stay } = view
    const admittedAt = view.stay.data.value?.admittedAt
    if (admittedAt === undefined) return
    const [open, ended] = await Promise.all([api.alarms({ state: 'open', stay }), api.alarms({ state: 'ended', stay, from: Date.parse(admittedAt), limit: 1 })])
    if (stay !== view.stayId) return
    const at = Math.max(...[...open.alarms, ...ended.alarms].map((alarm) => Date.parse(alarm.announcedAt)))
    if (!Number.isFinite(at)) noneAtMs.value = live.serverTime.now()
    else if (route.name === 'patient-replay') await router.push(paths.replay(stay, { at }))
    else await router.push(paths.patient(stay, 'trends', { range: typeof route.query['range'] === 'string' ? route.query['range'] : '1h', at }))
  })

  watch(() => route.fullPath, () => {
    noneAtMs.value = undefined
    jump.failure.value = undefined
  })
  return { run: () => jump.run(), failure: jump.failure, noneAtMs }
}
