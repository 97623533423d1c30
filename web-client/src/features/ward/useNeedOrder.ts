import { computed, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { Stop } from '@vigil/contract/clock'
import type { Bed } from '@vigil/contract/api/patients'
import { mostUrgent } from '../../alarms/alarm-order.ts'
import { useServices } from '../../services.ts'
import { needOrder } from './need-order.ts'

/** A finger that comes down meets what it aimed at: nothing changes place so long after a touch. */
export const HOLD_MS = 3_000
const TOUCHES = ['pointerdown', 'touchmove', 'wheel', 'keydown'] as const

/** Places of the beds in the order of need while that is wanted; undefined: as they stand in the ward. */
export function useNeedOrder(beds: () => readonly ShallowRef<Bed>[], isWanted: () => boolean): Readonly<ShallowRef<readonly number[] | undefined>> {
  const { clock, live } = useServices()
  const shown = shallowRef<readonly number[]>()
  const wanted = computed(() => (isWanted() ? needOrder(beds().map(({ value: { id, stay } }) => ({ occupied: stay !== undefined, urgent: mostUrgent(live.alarms.ofBed(id)), score: stay ? (live.alarms.news2(stay.id)?.score ?? 0) : 0 }))) : undefined))
  let touchedMs = Number.NEGATIVE_INFINITY
  let stop: Stop = () => undefined

  function apply(): void {
    stop()
    const waitMs = touchedMs + HOLD_MS - clock.monotonic()
    const isOther = wanted.value === undefined || wanted.value.length !== shown.value?.length
    if (isOther || waitMs <= 0) shown.value = wanted.value
    else stop = clock.after(waitMs, apply)
  }
  const touch = () => void (touchedMs = clock.monotonic())

  watch(() => wanted.value?.join(), apply, { immediate: true })
  for (const name of TOUCHES) addEventListener(name, touch, { passive: true })
  onScopeDispose(() => {
    stop()
    for (const name of TOUCHES) removeEventListener(name, touch)
  })
  return shown
}
