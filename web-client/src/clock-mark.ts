import type { Clock } from '@vigil/contract/clock'

/** A moment on both clocks of this computer. */
export interface ClockMark {
  readonly mono: number
  readonly wall: number
}

export const markNow = (clock: Clock): ClockMark => ({ mono: clock.monotonic(), wall: clock.now() })

/** Milliseconds since then by whichever clock moved further: a computer that slept counts its sleep on one of the two only. */
export const sinceMark = (clock: Clock, mark: ClockMark): number => Math.max(clock.monotonic() - mark.mono, clock.now() - mark.wall)
