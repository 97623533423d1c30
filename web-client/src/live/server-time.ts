import type { Clock } from '@vigil/contract/clock'
import { type ClockMark, markNow, sinceMark } from '../clock-mark.ts'

/** Frames remembered for the estimate: about a minute of heartbeats. */
const WINDOW = 30
/** The two local clocks disagreeing by this much since the last frame means the computer slept or its clock was set. */
const JUMP_MS = 1_500
/** A correction this large is seen on a clock that shows seconds. */
const STEP_MS = 1_000

/** The server's clock as this screen believes it, from the times frames carry. Ward computers have wrong clocks. */
export interface ServerTime {
  /** A frame said this. */
  observe(serverTimeMs: number): void
  /** Milliseconds since the Unix epoch on the server; the local clock until the first frame. */
  now(): number
  /** The next frame starts the estimate anew: a new connection may be to another server. */
  reset(): void
  /** `run` is called whenever a frame moves the time by more than a second: what was shown by the old time must not stay until the next tick. */
  onStep(run: () => void): void
}

/**
 * A frame can only be late, never early, so the largest recent `server - local` is the best estimate. Between frames the
 * estimate runs on whichever local clock moved further: one that stopped during sleep must not make old values look fresh.
 */
export function createServerTime(clock: Clock): ServerTime {
  let offsets: number[] = []
  let forget = false
  let anchor: ClockMark | undefined
  const stepped: (() => void)[] = []

  const elapsed = () => (anchor ? Math.max(0, sinceMark(clock, anchor)) : 0)
  const jumped = () => anchor !== undefined && Math.abs(clock.now() - anchor.wall - (clock.monotonic() - anchor.mono)) > JUMP_MS

  const now = () => (anchor ? anchor.mono + Math.max(...offsets) + elapsed() : clock.now())

  return {
    observe(serverTimeMs) {
      const believedMs = now()
      if (forget || jumped()) offsets = []
      forget = false
      offsets.push(serverTimeMs - clock.monotonic())
      if (offsets.length > WINDOW) offsets.shift()
      anchor = markNow(clock)
      if (Math.abs(now() - believedMs) >= STEP_MS) for (const run of stepped) run()
    },
    now,
    reset() {
      forget = true
    },
    onStep: (run) => void stepped.push(run),
  }
}
