import { computed, onScopeDispose, shallowRef, type ComputedRef, type Ref } from 'vue'
import { useRoute } from 'vue-router'
import { useServices } from '../../services.ts'
import { neededPx, readableFrom, readPlace, type WallPlace } from './reading-distance.ts'

const LOOK_MS = 2_000

export interface WallReading {
  readonly place: ComputedRef<WallPlace | undefined>
  /** Font size the chief numbers grow to where the tiles have the room; CSS pixels. */
  readonly neededPx: ComputedRef<number | undefined>
  /** Metres the chief numbers are read from, when that is less than asked for. */
  readonly onlyFrom: ComputedRef<number | undefined>
}

/** From how far this wall is to be read (its address, or the setting of this screen), and whether it can be. */
export function useWallPlace(grid: Ref<HTMLElement | null>): WallReading {
  const { clock, preferences } = useServices()
  const route = useRoute()
  const screenPx = () => ({ width: screen.width, height: screen.height })
  const place = computed(() => readPlace(route.query['distance'], route.query['inches']) ?? readPlace(preferences.wallDistance, preferences.wallInches))
  const shownPx = shallowRef<number>()
  // Tiles change with the ward and the window: what is really drawn is measured.
  onScopeDispose(clock.every(LOOK_MS, () => {
    const number = place.value && grid.value?.querySelector('.tile-big.is-live .vital-number')
    shownPx.value = number ? Number.parseFloat(getComputedStyle(number).fontSize) : undefined
  }))
  const needed = computed(() => place.value && neededPx(place.value, screenPx()))
  return {
    place,
    neededPx: needed,
    onlyFrom: computed(() => {
      if (!place.value || needed.value === undefined || shownPx.value === undefined || shownPx.value + 1 >= needed.value) return undefined
      return readableFrom(shownPx.value, place.value.inches, screenPx())
    }),
  }
}
