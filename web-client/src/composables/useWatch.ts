import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from 'vue'
import type { Wants } from '../live/watches.ts'
import { useServices } from '../services.ts'

/** Asks the live connection for what this part of the screen shows, for as long as it is shown. */
export function useWatch(wants: MaybeRefOrGetter<Wants>): void {
  const { live } = useServices()
  let stop = live.watch(toValue(wants))
  watch(() => JSON.stringify(toValue(wants)), () => {
    const old = stop
    stop = live.watch(toValue(wants))
    old()
  })
  onScopeDispose(() => stop())
}
