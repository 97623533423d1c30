import type { Clock, Stop } from '@vigil/contract/clock'

export interface TelemetryRhythmOptions {
  readonly clock: Clock
  /** Uniform in [0, 1): boards that start together do not tick together. */
  readonly random: () => number
  /** At the end of each second. */
  readonly onSecond: () => void
  /** When an object is due; after `onSecond` when both fall together. */
  readonly onDue: () => void
}

/** Seconds for the signals, and the interval for what is sent. */
export interface TelemetryRhythm {
  start(intervalMs: number): void
  setInterval(intervalMs: number): void
  stop(): void
}

const SECOND_MS = 1_000

export function createTelemetryRhythm({ clock, random, onSecond, onDue }: TelemetryRhythmOptions): TelemetryRhythm {
  let intervalMs = SECOND_MS
  let sinceDueMs = 0
  let stopSeconds: Stop = () => {}
  let stopInterval: Stop = () => {}
  const wholeSeconds = (): boolean => intervalMs % SECOND_MS === 0

  function second(): void {
    onSecond()
    sinceDueMs += SECOND_MS
    if (!wholeSeconds() || sinceDueMs < intervalMs) return
    sinceDueMs = 0
    onDue()
  }
  function setInterval(ms: number): void {
    intervalMs = ms
    sinceDueMs = 0
    stopInterval()
    // Whole seconds go with the second in which they were measured, so that nothing sent is older than it must be.
    stopInterval = wholeSeconds() ? () => {} : clock.every(ms, onDue)
  }

  return {
    start(ms) {
      stopSeconds = clock.after(SECOND_MS * random(), () => {
        setInterval(ms)
        second()
        stopSeconds = clock.every(SECOND_MS, second)
      })
    },
    setInterval,
    stop() {
      stopSeconds()
      stopInterval()
    },
  }
}
