import { onScopeDispose, shallowRef, watch } from 'vue'
import type { Stop } from '@vigil/contract/clock'
import { useServices } from '../services.ts'

export const SPOTLIGHT_MS = 10_000

/** The bed of a high alarm that is new on this screen, for ten seconds: its tile grows in its place, and nothing else moves. */
export function useSpotlight() {
  const { live, clock } = useServices()
  const bedId = shallowRef<string>()
  const known = new Set(live.alarms.open.value.map((alarm) => alarm.id))
  let stop: Stop = () => undefined

  watch(live.alarms.open, (open) => {
    const fresh = open.find((alarm) => !known.has(alarm.id) && alarm.priority === 'high' && alarm.kind === 'physiological' && alarm.state === 'active' && alarm.pausedSince === undefined)
    for (const alarm of open) known.add(alarm.id)
    if (fresh?.bedId === undefined) return
    bedId.value = fresh.bedId
    stop()
    stop = clock.after(SPOTLIGHT_MS, () => (bedId.value = undefined))
  })
  onScopeDispose(() => stop())
  return { bedId }
}
