/** Enough to see past a few messages that were held up on the way, few enough to follow a clock that was set. */
const REMEMBERED = 30

/** How far a device's clock is from ours, by its live messages. */
export interface ClockOffset {
  /** @param newestMs time of the newest object in a message, as its device wrote it */
  hear(newestMs: number, receivedMs: number): void
  /** Ahead of ours when positive: by the least delayed of the last messages, so the way itself counts as being behind. `undefined` before the first. */
  ms(): number | undefined
  /** 0 while it is ahead, or not known. */
  behindMs(): number
}

export function createClockOffset(): ClockOffset {
  const offsets: number[] = []
  const ms = (): number | undefined => (offsets.length === 0 ? undefined : Math.max(...offsets))
  return {
    hear(newestMs, receivedMs) {
      offsets.push(newestMs - receivedMs)
      if (offsets.length > REMEMBERED) offsets.shift()
    },
    ms,
    behindMs: () => Math.max(0, -(ms() ?? 0)),
  }
}
