import { computed, type ComputedRef } from 'vue'
import { wardQuiet, type WardQuiet } from '../alarms/ward-quiet.ts'
import { useServices } from '../services.ts'
import { useListening } from './useListening.ts'
import { useNow } from './useNow.ts'

type Live = ReturnType<typeof useServices>['live']

function quietOf(live: Live, ward: string, nowMs: number): WardQuiet {
  const stays = (live.wards.wards.get(ward)?.value.beds ?? []).flatMap(({ value: { stay, device } }) => (stay && device ? [stay.id] : []))
  return wardQuiet(stays, (stay) => live.alarms.audio(stay), nowMs)
}

/** What of a ward is heard now, on the shared tick. */
export function useWardQuiet(ward: () => string): ComputedRef<WardQuiet> {
  const { live } = useServices()
  const now = useNow()
  return computed(() => quietOf(live, ward(), now.value))
}

/** When it may sound again here, ms since the Unix epoch, while every ward this screen listens to is quiet as a whole. */
export function useAllQuiet(): ComputedRef<number | undefined> {
  const { live } = useServices()
  const now = useNow()
  const { wards } = useListening()
  return computed(() => {
    const each = wards.value.map((ward) => quietOf(live, ward, now.value))
    return each.length > 0 && each.every(({ isWhole }) => isWhole) ? Math.min(...each.map(({ endMs }) => endMs)) : undefined
  })
}
