import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { pauseEnd } from '../../alarms/pause-end.ts'
import { useNow } from '../../composables/useNow.ts'
import { useSight } from '../../composables/useSight.ts'
import { useWatch } from '../../composables/useWatch.ts'
import { useServices } from '../../services.ts'
import { useOwnCare } from './useOwnCare.ts'
import { forget, keep, recall, remembered, usualOf, WEEK_MS, type MirrorMemory } from './usual.ts'

/** `away`: the central station does not answer; `out`: nobody is signed in on this mirror. */
export type MirrorState = 'opening' | 'live' | 'away' | 'out' | 'unknown'

const RETRY_MS = 10_000
const RENEW_MS = 15 * 60_000
const SIGNALS = 'pr,hr,spo2,temp,tskin,tcore,rr'

/**
 * What a person at home is shown of themselves: live when connected, otherwise what this mirror remembers of the last week.
 * `storage` keeps hourly means only, and is emptied when the session ends.
 */
export function useMirror(stay: () => string, storage: Storage) {
  const services = useServices()
  const { api, live, session, clock } = services
  const now = useNow()
  const state = shallowRef<MirrorState>('opening')
  const memory = shallowRef<MirrorMemory | undefined>(recall(storage, stay(), now.value))
  const wards = shallowRef<readonly string[]>([])
  const own = useOwnCare(now)
  const wardSight = useSight(services, now, true)
  const sight = computed(() => (own.isOwn.value ? own.sight.value : wardSight.sight.value))
  const stayId = computed(() => own.care.value?.stayId ?? stay())

  useWatch(() => ({ wards: wards.value }))
  const bed = computed(() => (own.isOwn.value ? own.care.value?.bed : live.wards.bedOfStay(stay())?.bed))

  async function open(): Promise<void> {
    try {
      if (!(await session.load())) {
        forget(storage)
        memory.value = undefined
        state.value = 'out'
        return
      }
      await (own.isOwn.value ? own.ask() : openOfWard())
      memory.value ??= recall(storage, stayId.value, now.value)
      state.value = 'live'
      await renew()
    } catch {
      if (state.value === 'opening') state.value = 'away'
    }
  }
  async function openOfWard(): Promise<void> {
    const record = await api.stay(stay())
    wards.value = record.wardId === undefined ? [] : [record.wardId]
    live.start()
  }
  async function renew(): Promise<void> {
    if (state.value !== 'live') return
    const to = Math.round(live.serverTime.now())
    const ask = { signals: SIGNALS, from: to - WEEK_MS, to, points: 200 }
    if (own.isOwn.value && own.care.value?.stayId === undefined) return
    const week = await (own.isOwn.value ? api.ownHistory(ask) : api.history({ stay: stay() }, ask))
    memory.value = remembered(stayId.value, to, week)
    keep(storage, memory.value)
  }

  void open()
  onScopeDispose(clock.every(RETRY_MS, () => void (state.value === 'away' ? open() : undefined)))
  onScopeDispose(clock.every(RENEW_MS, () => void renew().catch(() => undefined)))
  onScopeDispose(() => live.stop())
  watch(session.expired, (expired) => {
    if (!expired) return
    forget(storage)
    memory.value = undefined
    state.value = 'out'
  })

  return {
    state, memory, bed, sight, own, lastHeardMs: computed(() => (own.isOwn.value ? own.lastHeardMs.value : wardSight.lastHeardMs.value)),
    /** End of a pause of their monitoring, ms; `undefined` while they are monitored. */
    pausedUntilMs: computed(() => pauseEnd(own.isOwn.value ? bed.value?.monitoring : live.alarms.monitoring(stay()))),
    usual: (signal: string) => usualOf((memory.value?.hours[signal] ?? []).map(([, mean]) => mean)),
    /** Whether the nurse has what is measured here, at this moment. */
    seen: computed(() => state.value === 'live' && sight.value !== 'blind' && bed.value?.device?.status === 'online'),
  }
}
