/** Epochs of what numbers nothing itself: their numbers come from the time, so those between two of them were never given. */
export const NUMBERED_BY_TIME = /^(?:senml|cloud-|alink|becalm)\d+$/

export const HOUR_MS = 3_600_000

/**
 * The number of a set of values, made of when they were measured and of what they are: the same said again has the same number. An epoch
 * is an hour, so that no ledger row grows for ever. `perMs` sets can be told apart in one millisecond; at most 2^31, for `s` to stay exact.
 */
export function numberByTime(prefix: string, perMs: number, t: number, said: Readonly<Record<string, unknown>>): { e: string; s: number } {
  const hour = Math.floor(t / HOUR_MS)
  const text = JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { e: `${prefix}${hour}`, s: (t - hour * HOUR_MS) * perMs + (fnv1a(text) % perMs) + 1 }
}

/** FNV-1a, 32 bits: tells texts apart, and is no protection against anybody. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
