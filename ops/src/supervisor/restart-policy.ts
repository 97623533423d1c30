/** When a program that ended by itself is started again. Pure: time and chance come in as arguments. */
export interface RestartPolicy {
  /** Ends are counted over this time. */
  readonly windowMs: number
  /** More ends than this within the window, and the brake holds. */
  readonly brakeAfter: number
  /** How long the brake waits before it tries once more. */
  readonly brakeMs: number
  /** Second restart waits up to this, the third up to twice as long, and so on. */
  readonly stepMs: number
  readonly longestMs: number
}

export const restartPolicy: RestartPolicy = { windowMs: 60_000, brakeAfter: 5, brakeMs: 30_000, stepMs: 500, longestMs: 8_000 }

export interface Restart {
  readonly delayMs: number
  /** True when the program keeps ending and restarting it at once helps nobody. */
  readonly braked: boolean
  /** Ends within the window, this one included: remembered for the next decision. */
  readonly ends: readonly number[]
}

/**
 * The first restart is immediate, because one `kill -9` must not leave the ward waiting. Later ones back off with full
 * jitter, so that programs that fell together do not come back together. `now` is monotonic, `chance` is 0 to 1.
 */
export function nextRestart(earlier: readonly number[], now: number, chance: number, policy: RestartPolicy = restartPolicy): Restart {
  const ends = [...earlier.filter((at) => now - at < policy.windowMs), now]
  if (ends.length > policy.brakeAfter) return { delayMs: policy.brakeMs, braked: true, ends: ends.slice(-policy.brakeAfter - 1) }
  if (ends.length === 1) return { delayMs: 0, braked: false, ends }
  const ceiling = Math.min(policy.longestMs, policy.stepMs * 2 ** (ends.length - 2))
  return { delayMs: Math.round(ceiling * chance), braked: false, ends }
}
