import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { type FromEngine, SILENT_AFTER_MS, type StationEnd } from './channel.ts'
import { pause } from '@vigil/program'

/** Port: where the engine runs. `reach` answers an end to one that lives, or nothing; `begin` starts one. */
export interface EnginePlace {
  reach(): Promise<StationEnd | undefined>
  /** Says when that one has ended by itself. */
  begin(onEnded: () => void): void
  /** Ends what `begin` started. */
  end(): Promise<void>
}

export interface EngineHost {
  onEnd(listener: (end: StationEnd) => void): void
  stop(): Promise<void>
}

const RETRY_MS = 250
/** How long a begun engine may take, on a busy machine, before it is given up and another is begun. */
const BEGIN_LIMIT_MS = 60_000
/** One that ends at once is not begun over and over. */
const BEGIN_AGAIN_MS = 1_000

/**
 * Keeps a connection to a living engine: takes up one that runs already, begins one where there is none, and begins another
 * when it falls silent. An engine outlives a fault of the station, and the station one of the engine.
 */
export function keepEngine({ place, fingerprint, clock, log }: { place: EnginePlace; fingerprint: string; clock: Clock; log: Log }): EngineHost {
  const listeners = new Set<(end: StationEnd) => void>()
  const life = { over: false }
  let current: StationEnd | undefined
  let begunAtMs = -Infinity

  const loop = async () => {
    while (!life.over) {
      const end = await place.reach()
      if (end) {
        const reason = await useUntilGone(end)
        if (!life.over) log.warn({ reason }, 'alarm_engine.lost')
      } else if (clock.monotonic() - begunAtMs > BEGIN_LIMIT_MS) {
        begunAtMs = clock.monotonic()
        place.begin(() => { begunAtMs = clock.monotonic() - BEGIN_LIMIT_MS + BEGIN_AGAIN_MS })
      }
      if (!life.over) await pause(clock, RETRY_MS)
    }
  }

  const useUntilGone = (end: StationEnd) =>
    new Promise<string>((resolve) => {
      let heardAtMs = clock.monotonic()
      let watch: Stop = () => undefined
      const leave = (reason: string) => {
        watch()
        if (current === end) current = undefined
        // What is left of it is still ending, or starting again.
        begunAtMs = clock.monotonic() - BEGIN_LIMIT_MS + BEGIN_AGAIN_MS
        end.close()
        resolve(reason)
      }
      watch = clock.every(1_000, () => clock.monotonic() - heardAtMs > SILENT_AFTER_MS && leave('silent'))
      end.onClose(() => leave('connection ended'))
      end.onMessage((message: FromEngine) => {
        heardAtMs = clock.monotonic()
        if (message.t !== 'hello' || message.fingerprint === fingerprint) return
        // It works with other settings: that one ends, and one of ours begins.
        end.send({ t: 'stop' })
        leave('other settings')
      })
      current = end
      for (const listener of listeners) listener(end)
    })

  const running = Promise.resolve().then(loop)
  return {
    onEnd: (listener) => void listeners.add(listener),
    async stop() {
      life.over = true
      current?.send({ t: 'stop' })
      current?.close()
      await place.end()
      await running
    },
  }
}
