/** Enough to see through one late sample, few enough to follow a change within seconds. */
const REMEMBERED = 9
const FEWEST = 4
const SHORTEST_MS = 200
const LONGEST_MS = 300_000

/**
 * How often a device measures, from what it sends: for boards that report no `interval_ms`. Without it a board that sends
 * once a minute would look stale for 55 s of each.
 */
export interface IntervalEstimate {
  add(measuredAtMs: number): void
  /** Median step, 200 ms to 5 min; `undefined` until four samples were seen. */
  ms(): number | undefined
}

export function createIntervalEstimate(): IntervalEstimate {
  const times: number[] = []
  return {
    add(measuredAtMs) {
      const last = times.at(-1)
      if (last !== undefined && measuredAtMs <= last) return
      times.push(measuredAtMs)
      if (times.length > REMEMBERED) times.shift()
    },
    ms() {
      if (times.length < FEWEST) return undefined
      const steps = times.slice(1).map((t, i) => t - (times[i] as number)).sort((a, b) => a - b)
      return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, steps[(steps.length - 1) >> 1] as number))
    },
  }
}
