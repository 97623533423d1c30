import { computed, onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { OwnCare } from '@vigil/contract/api/own'
import { useServices } from '../../services.ts'
import { type Sight, sightAfter } from '../../live/watchdog.ts'

const ASK_EVERY_MS = 2_000

/** The care of a patient who signed in themselves: asked for every two seconds, because their account opens no live page of a ward. */
export function useOwnCare(now: Readonly<ShallowRef<number>>) {
  const { api, live, session, clock } = useServices()
  const care = shallowRef<OwnCare>()
  const lastHeardMs = shallowRef<number>()
  const startedMs = now.value
  const isOwn = computed(() => session.info.value?.user.role === 'patient')
  let asking = false

  async function ask(): Promise<void> {
    if (asking || !isOwn.value) return
    asking = true
    try {
      const answer = await api.ownCare()
      live.serverTime.observe(answer.serverTimeMs)
      care.value = answer
      lastHeardMs.value = answer.serverTimeMs
    } catch {
      // What is shown goes blind by its age; the next try is two seconds away.
    } finally {
      asking = false
    }
  }
  onScopeDispose(clock.every(ASK_EVERY_MS, () => void ask()))
  return { care, isOwn, ask, lastHeardMs, sight: computed<Sight>(() => sightAfter(Math.max(0, now.value - (lastHeardMs.value ?? startedMs)), lastHeardMs.value !== undefined)) }
}
