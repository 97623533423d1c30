import { computed, inject, provide, shallowRef, watchEffect, type ComputedRef, type InjectionKey } from 'vue'
import { useRoute } from 'vue-router'
import { useServices } from '../services.ts'
import { wallNames, type WallNames } from '../ui/patient-name.ts'

/** How patients are named on the wall and in the strip above it. */
export interface WallNaming {
  /** `short` on every page that is no wall. */
  readonly form: ComputedRef<WallNames>
  /** The address asked for less than this screen is set to. */
  readonly byAddress: ComputedRef<boolean>
}

const namesKey: InjectionKey<WallNaming> = Symbol('wall names')

/**
 * Of the setting of this screen and the address of the wall the one that shows less holds, so that nobody's link uncovers names on a
 * screen that hides them. What the address asked stays until this tab loads anew or an address says otherwise: the way to a patient and back leads by links without it.
 */
export function provideWallNames(): void {
  const { preferences } = useServices()
  const route = useRoute()
  const asked = shallowRef<WallNames>('short')
  const isWall = computed(() => route.name === 'ward')
  watchEffect(() => {
    const said = isWall.value ? wallNames.find((form) => form === route.query['names']) : undefined
    if (said) asked.value = said
  }, { flush: 'sync' })
  const byAddress = computed(() => wallNames.indexOf(asked.value) > wallNames.indexOf(preferences.names))
  provide(namesKey, { form: computed(() => (isWall.value ? (byAddress.value ? asked.value : preferences.names) : 'short')), byAddress })
}

export function useWallNames(): WallNaming {
  return inject(namesKey, () => ({ form: computed<WallNames>(() => 'short'), byAddress: computed(() => false) }), true)
}
