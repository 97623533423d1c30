import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { type FromEngine, SILENT_AFTER_MS, type StationEnd } from './channel.ts'
import { pause } from '@vigil/program'

/** Port: where the engine runs. `reach` answers an end to one that lives, or nothing; `begin` starts one. */
export interface EnginePlace {
  reach(): Promise<StationEnd | undefined>
  /** Says when that one has ended by itself. `hung`: the process that runs there and answers no more, which ends first. */
  begin(onEnded: () => void, hung?: number): void
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
/** Silent on so many connections in a row it is frozen, or hangs: another takes its place. */
const HUNG_AFTER = 2

/**
 * Keeps a connection to a living engine: takes up one that runs already, begins one where there is none, and begins another
 * when it falls silent. An engine outlives a fault of the station, and the station one of the engine.
 */
export function keepEngine({ place, fingerprint, clock, log }: { place: EnginePlace; fingerprint: string; clock: Clock; log: Log }): EngineHost {
  const listeners = new Set<(end: StationEnd) => void>()
  const life = { over: false }
  let current: StationEnd | undefined
  let mayBeginAtMs = -Infinity
  let silences = 0
  let pid: number | undefined

  const begin = (hung?: number) => {
    if (clock.monotonic() < mayBeginAtMs) return
    mayBeginAtMs = clock.monotonic() + BEGIN_LIMIT_MS
    place.begin(() => { mayBeginAtMs = clock.monotonic() + BEGIN_AGAIN_MS }, hung)
  }
  const loop = async () => {
    while (!life.over) {
      const end = await place.reach()
      if (end) {
        const reason = await useUntilGone(end)
        if (!life.over) log.warn({ reason }, 'alarm_engine.lost')
        if (silences >= HUNG_AFTER && !life.over) begin(pid)
      } else begin()
      if (!life.over) await pause(clock, RETRY_MS)
    }
  }

  const useUntilGone = async (end: StationEnd): Promise<Gone['reason']> => {
    current = end
    const gone = untilGone(end, { fingerprint, clock })
    for (const listener of listeners) listener(end)
    const { reason, spoke, pid: of } = await gone
    if (current === end) current = undefined
    pid = of ?? pid
    silences = reason === 'silent' ? (spoke ? 0 : silences) + 1 : 0
    // What is left of it is still ending, or starting again. One that said nothing here may have another on its way already.
    if (spoke) mayBeginAtMs = clock.monotonic() + BEGIN_AGAIN_MS
    return reason
  }

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

interface Gone {
  readonly reason: 'silent' | 'connection ended' | 'other settings'
  /** Whether it said anything on this connection, and which process it is. */
  readonly spoke: boolean
  readonly pid: number | undefined
}

/** Resolves when an engine is of no use any more, with its connection closed. */
function untilGone(end: StationEnd, { fingerprint, clock }: { fingerprint: string; clock: Clock }): Promise<Gone> {
  return new Promise((resolve) => {
    let heardAtMs = clock.monotonic()
    let spoke = false
    let pid: number | undefined
    let watch: Stop = () => undefined
    const leave = (reason: Gone['reason']) => {
      watch()
      resolve({ reason, spoke, pid })
      end.close()
    }
    watch = clock.every(1_000, () => clock.monotonic() - heardAtMs > SILENT_AFTER_MS && leave('silent'))
    end.onClose(() => leave('connection ended'))
    end.onMessage((message: FromEngine) => {
      heardAtMs = clock.monotonic()
      spoke = true
      if (message.t !== 'hello') return
      pid = message.pid
      if (message.fingerprint === fingerprint) return
      // It works with other settings: that one ends, and one of ours begins.
      end.send({ t: 'stop' })
      leave('other settings')
    })
  })
}
