import { inject, provide, shallowRef, watch, type InjectionKey, type ShallowRef } from 'vue'
import { useServices } from '../services.ts'
import { useWatch } from './useWatch.ts'

/** Wards whose alarms this screen shows and sounds, on every page. */
export interface Listening {
  readonly wards: ShallowRef<readonly string[]>
  /** A ward was opened: its alarms are heard from now on, whatever page is shown later. */
  add(ward: string): void
  choose(wards: readonly string[]): void
}

const MOST_WARDS = 16
const listeningKey: InjectionKey<Listening> = Symbol('listening')

/** Begins with what was chosen at the start of the shift; without a choice, with the only ward there is. */
export function provideListening(): Listening {
  const { api, preferences, session } = useServices()
  const wards = shallowRef<readonly string[]>(preferences.wards.slice(0, MOST_WARDS))
  watch(wards, (now) => (preferences.wards = [...now]))

  async function first(): Promise<void> {
    if (!session.may('ward:read')) return
    const known = (await api.wards()).map((ward) => ward.id)
    const kept = wards.value.filter((id) => known.includes(id))
    if (kept.length > 0) wards.value = kept
    else if (known.length === 1) wards.value = known
    else wards.value = []
  }
  // The live connection says itself when the server is away.
  void first().catch(() => undefined)
  useWatch(() => ({ wards: wards.value }))

  const listening: Listening = {
    wards,
    add(ward) {
      if (!wards.value.includes(ward)) wards.value = [ward, ...wards.value].slice(0, MOST_WARDS)
    },
    choose: (chosen) => void (wards.value = chosen.slice(0, MOST_WARDS)),
  }
  provide(listeningKey, listening)
  return listening
}

export function useListening(): Listening {
  return inject(listeningKey) as Listening
}
