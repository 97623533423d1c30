import { shallowRef, watch, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export interface Zoom {
  /** Addresses that were left by zooming in, newest last. A link opens at its own range and has none. */
  readonly former: ShallowRef<readonly string[]>
  /** Goes to a narrower range and remembers this one. */
  into(address: string): Promise<void>
  back(): Promise<void>
}

/** Ranges one inside the other, each in the address, with the way back to the former one. */
export function useZoom(): Zoom {
  const route = useRoute()
  const router = useRouter()
  const former = shallowRef<readonly string[]>([])
  let going: string | undefined

  async function go(address: string): Promise<void> {
    going = address
    await router.push(address)
    going = undefined
  }
  // Who chooses another range by its button, or goes back in the browser, has left the way of zooming.
  watch(() => route.fullPath, (path) => {
    if (path !== going) former.value = []
  })
  return {
    former,
    into(address) {
      former.value = [...former.value, route.fullPath]
      return go(address)
    },
    async back() {
      const address = former.value.at(-1)
      former.value = former.value.slice(0, -1)
      if (address !== undefined) await go(address)
    },
  }
}
