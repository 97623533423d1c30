/** Stops a timer; safe to call twice. */
export type Stop = () => void

/**
 * Time as a port, so that tests move it by hand.
 * `now` is wall-clock milliseconds since the Unix epoch; `monotonic` only ever grows and is for measuring durations.
 */
export interface Clock {
  now(): number
  monotonic(): number
  after(delayMs: number, run: () => void): Stop
  every(intervalMs: number, run: () => void): Stop
}
