import type { HealthFact } from '@vigil/program'
import type { Delivery, Source, SourceHandlers } from './source.ts'

/** All ways data comes in, as one. */
export interface Ways {
  /** @param onData told of each delivery that did not come over the broker */
  start(handlers: SourceHandlers, onData: (delivery: Delivery) => void): void
  ready(): Promise<void>
  health(): readonly HealthFact[]
  roomAgain(): void
  pause(): Promise<void>
  stop(): Promise<void>
}

export function createWays(sources: readonly Source[]): Ways {
  const each = async (run: (source: Source) => Promise<void>) => void (await Promise.all(sources.map(run)))
  return {
    start(handlers, onData) {
      for (const source of sources) {
        source.onData?.(onData)
        source.start(handlers)
      }
    },
    ready: () => each((source) => source.ready()),
    health: () =>
      sources.map((source) => {
        const { connected, detail } = source.facts()
        return { name: source.name, ok: connected, detail }
      }),
    roomAgain() {
      for (const source of sources) source.roomAgain()
    },
    pause: () => each((source) => source.pause()),
    stop: () => each((source) => source.stop()),
  }
}
