import { computed, onScopeDispose, ref, watch, type ComputedRef } from 'vue'
import { useServices } from '../../services.ts'

const SHIFT_EVERY_MS = 60_000
const RELOAD_EVERY_MS = 3_600_000
/** Where the picture stands in turn, in CSS pixels: two at most, so that no pixel shows the same edge for weeks. */
const places: readonly (readonly [number, number])[] = [[0, 0], [2, 0], [2, 2], [0, 2]]

/**
 * A screen that hangs on a wall: one signed in as a wall, or any that was set full. It does not go to sleep, its picture moves by two pixels
 * a minute, and, silent as it is, it loads itself anew each hour in which nothing is alarming, so that a fault that grows with time has none.
 * Gives the shift as a CSS transform; none at a desk.
 */
export function useWallScreen(): ComputedRef<string | undefined> {
  const { clock, live, session, leaveTo } = useServices()
  const isFull = ref(Boolean(document.fullscreenElement))
  const isWall = computed(() => isFull.value || session.info.value?.user.role === 'wall')
  const minute = ref(0)
  let lock: WakeLockSentinel | undefined

  const onFull = () => (isFull.value = Boolean(document.fullscreenElement))
  // The browser takes the lock back whenever the page is hidden.
  const stayAwake = () => {
    if (isWall.value && !document.hidden) void navigator.wakeLock?.request('screen').then((held) => (lock = held)).catch(() => undefined)
  }
  document.addEventListener('fullscreenchange', onFull)
  document.addEventListener('visibilitychange', stayAwake)
  watch(isWall, (wall) => (wall ? stayAwake() : void lock?.release()), { immediate: true })

  const stops = [
    clock.every(SHIFT_EVERY_MS, () => minute.value++),
    clock.every(RELOAD_EVERY_MS, () => {
      // Full screen would be lost, and so would the sound somebody heard: a browser gives neither back without a hand.
      if (isWall.value && !isFull.value && !live.armed.value && live.alarms.open.value.length === 0 && live.phase.value === 'open') leaveTo(location.href)
    }),
  ]
  onScopeDispose(() => {
    for (const stop of stops) stop()
    document.removeEventListener('fullscreenchange', onFull)
    document.removeEventListener('visibilitychange', stayAwake)
    void lock?.release()
  })
  return computed(() => {
    const [x, y] = places[minute.value % places.length] ?? [0, 0]
    return isWall.value ? `translate(${x}px, ${y}px)` : undefined
  })
}
