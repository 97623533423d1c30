/** A delay between `firstMs` and twice as much with each failure, at most `longestMs`: full jitter, so that nobody returns in step. */
export function backoffMs(failures: number, { firstMs, longestMs }: { firstMs: number; longestMs: number }, random: () => number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30))
  return firstMs + random() * (ceiling - firstMs)
}
