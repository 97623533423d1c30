import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { useNow } from '../../composables/useNow.ts'
import { useSight } from '../../composables/useSight.ts'
import { useWatch } from '../../composables/useWatch.ts'
import { useServices } from '../../services.ts'
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
  const sight = useSight(services, now, true)

  useWatch(() => ({ wards: wards.value }))
  const bed = computed(() => live.wards.bedOfStay(stay())?.bed)

  async function open(): Promise<void> {
    try {
      if (!(await session.load())) {
        forget(storage)
        memory.value = undefined
        state.value = 'out'
        return
      }
      const record = await api.stay(stay())
      wards.value = record.wardId === undefined ? [] : [record.wardId]
      live.start()
      state.value = 'live'
      await renew()
    } catch {
      if (state.value === 'opening') state.value = 'away'
    }
  }
  async function renew(): Promise<void> {
    if (state.value !== 'live') return
    const to = Math.round(live.serverTime.now())
    const week = await api.history({ stay: stay() }, { signals: SIGNALS, from: to - WEEK_MS, to, points: 200 })
    memory.value = remembered(stay(), to, week)
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
    state, memory, bed, sight: sight.sight, lastHeardMs: sight.lastHeardMs,
    usual: (signal: string) => usualOf((memory.value?.hours[signal] ?? []).map(([, mean]) => mean)),
    /** Whether the nurse has what is measured here, at this moment. */
    seen: computed(() => state.value === 'live' && sight.sight.value !== 'blind' && bed.value?.device?.status === 'online'),
  }
}
