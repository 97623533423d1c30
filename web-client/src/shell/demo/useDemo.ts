import { computed, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { DemoBoard, DemoRun, DemoScenario } from '@vigil/contract/api/demo'
import { type Action, useAction } from '../../composables/useAction.ts'
import type { Services } from '../../services.ts'

export interface DemoDesk {
  /** Boards of the demo ward; none in a house without one. */
  readonly boards: ShallowRef<readonly DemoBoard[]>
  readonly runs: ShallowRef<readonly DemoRun[]>
  readonly isThere: ComputedRef<boolean>
  /** Whether any run is not over. */
  readonly playing: ComputedRef<boolean>
  readonly play: Action<[scenario: DemoScenario, deviceId?: string | undefined]>
  bedOf(deviceId: string): string
  reload(): Promise<void>
}

/** Runs are looked at so often while one is under way. */
const LOOK_EVERY_MS = 2_000

/** What can be made to happen in the demo ward. Asked once; again while something plays or somebody looks (`watched`). */
export function useDemo({ api, clock, live, session }: Services, watched: () => boolean): DemoDesk {
  const boards = shallowRef<readonly DemoBoard[]>([])
  const runs = shallowRef<readonly DemoRun[]>([])
  const playing = computed(() => runs.value.some((run) => Date.parse(run.until) > live.serverTime.now()))

  async function reload(): Promise<void> {
    const demo = await api.demo().catch(() => undefined)
    if (!demo) return
    boards.value = demo.boards
    runs.value = demo.runs
  }
  if (session.may('ward:read')) {
    void reload()
    onScopeDispose(clock.every(LOOK_EVERY_MS, () => void (boards.value.length > 0 && (watched() || playing.value) ? reload() : undefined)))
  }
  return {
    boards,
    runs,
    isThere: computed(() => boards.value.length > 0),
    playing,
    play: useAction(async (scenario, deviceId) => {
      await api.playScenario({ scenario, ...(deviceId ? { deviceId } : {}) })
      await reload()
    }),
    bedOf: (deviceId) => boards.value.find((board) => board.deviceId === deviceId)?.bed ?? deviceId,
    reload,
  }
}
