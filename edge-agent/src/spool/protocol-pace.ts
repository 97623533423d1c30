/** Lets a bounded number of objects through per second, and a bounded number at once. */
export interface Pace {
  /** How many may go now. */
  available(nowMs: number): number
  take(count: number): void
  /** When `count` will be available, milliseconds on the same clock. */
  readyAt(count: number, nowMs: number): number
}

export function pace(perSecond: number, burst: number): Pace {
  let tokens = burst
  let filledAt: number | undefined
  const fill = (nowMs: number): void => {
    tokens = Math.min(burst, tokens + ((nowMs - (filledAt ?? nowMs)) * perSecond) / 1_000)
    filledAt = nowMs
  }
  return {
    available(nowMs) {
      fill(nowMs)
      return Math.floor(tokens)
    },
    take: (count) => {
      tokens -= count
    },
    readyAt(count, nowMs) {
      fill(nowMs)
      return nowMs + Math.ceil((Math.max(0, Math.min(count, burst) - tokens) * 1_000) / perSecond)
    },
  }
}
