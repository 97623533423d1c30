/** An epoch that speaks again this soon after another took over was never replaced: there are two cards. */
const ALIVE_WITHIN_MS = 5 * 60_000
const REMEMBERED = 20_000

interface Entry {
  current: string
  previous: string | undefined
  /** When `previous` last gave way to `current`. */
  switchedAt: number
}

export interface EpochWatch {
  /** Notes an epoch heard on the live lane. Answers the other epoch when both are alive at once. */
  heard(device: string, epoch: string, at: number): string | undefined
}

/**
 * Sees two epochs of one device alive at once: a cloned or reflashed card. A new epoch that replaces the old one is normal;
 * the old one coming back after it is not. Only the live lane counts, a backlog may hold any old epoch.
 */
export function createEpochWatch(remembered = REMEMBERED): EpochWatch {
  const entries = new Map<string, Entry>()
  return {
    heard(device, epoch, at) {
      const entry = entries.get(device)
      if (!entry) {
        if (entries.size >= remembered) entries.delete(entries.keys().next().value as string)
        entries.set(device, { current: epoch, previous: undefined, switchedAt: at })
        return undefined
      }
      if (entry.current === epoch) return undefined
      const other = entry.current
      const both = entry.previous === epoch && at - entry.switchedAt <= ALIVE_WITHIN_MS
      entry.previous = other
      entry.current = epoch
      entry.switchedAt = at
      return both ? other : undefined
    },
  }
}
