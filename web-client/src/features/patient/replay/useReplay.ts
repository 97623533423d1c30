import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { paths } from '../../../paths.ts'
import { everyFrame } from '../../../ui/wave/frame-loop.ts'
import { readMoment, within, type ReplaySpan } from './replay-window.ts'

/** While it runs, the address follows in steps of this length: a link copied then opens close to what was seen. */
const ADDRESS_STEP_MS = 5_000
/** A page that slept does not jump ahead when it wakes. */
const LONGEST_FRAME_MS = 1_000

export interface Replay {
  /** The moment in whole seconds, for words and numbers; the traces ask `now()` with each picture. */
  readonly atMs: ShallowRef<number>
  readonly playing: ComputedRef<boolean>
  now(): number
  play(): void
  pause(): void
  /** Goes to a moment and stands there. */
  goTo(atMs: number): void
}

/** Runs through recorded time at the speed of life. Moment and motion are in the address. */
export function useReplay(stayId: () => string, bounds: () => ReplaySpan): Replay {
  const route = useRoute()
  const router = useRouter()
  let exactMs = readMoment(route.query['at'], bounds())
  const atMs = shallowRef(exactMs)
  const playing = computed(() => route.query['play'] === '1')
  let lastFrameMs: number | undefined

  const address = (play: boolean) => void router.replace(paths.replay(stayId(), { at: Math.round(exactMs), play: play ? 1 : undefined }))
  function set(toMs: number): void {
    exactMs = within(toMs, bounds())
    atMs.value = exactMs
  }
  function step(timeMs: number): void {
    const elapsedMs = Math.min(timeMs - (lastFrameMs ?? timeMs), LONGEST_FRAME_MS)
    lastFrameMs = timeMs
    if (!playing.value) return
    const before = exactMs
    exactMs = Math.min(exactMs + elapsedMs, bounds().toMs)
    if (Math.floor(before / 1_000) !== Math.floor(exactMs / 1_000)) atMs.value = exactMs
    if (exactMs >= bounds().toMs) address(false)
    else if (Math.floor(before / ADDRESS_STEP_MS) !== Math.floor(exactMs / ADDRESS_STEP_MS)) address(true)
  }
  onScopeDispose(everyFrame(step))
  // The address was changed from outside: a link, an alarm that was gone to, the browser's way back.
  watch(() => route.query['at'], (at) => {
    if (route.name === 'patient-replay' && at !== String(Math.round(exactMs))) set(readMoment(at, bounds()))
  })
  if (route.query['at'] !== String(exactMs)) address(playing.value)

  return {
    atMs,
    playing,
    now: () => exactMs,
    play: () => address(true),
    pause: () => {
      atMs.value = exactMs
      address(false)
    },
    goTo(toMs) {
      set(toMs)
      address(false)
    },
  }
}
