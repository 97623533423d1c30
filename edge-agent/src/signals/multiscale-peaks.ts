/**
 * Peaks by their presence at many scales (the idea of Scholkmann's AMPD in the form known as MSPTD): a peak at scale k is higher
 * than its neighbours k samples away. The scale with most peaks is the rhythm; a sample that is a peak at every scale up to it is
 * a beat. Nothing depends on amplitude.
 */
export interface PeakFinder {
  /** Indices of maxima, ascending. */
  maxima(x: Float64Array): number[]
  minima(x: Float64Array): number[]
}

/** Finder for stretches up to `maxLength`; its buffers are used again every time. */
export function createPeakFinder({ maxLength, maxScale }: { readonly maxLength: number; readonly maxScale: number }): PeakFinder {
  const up = new Float64Array(maxLength)
  // For each sample the first scale at which it stops being a peak.
  const lostAt = new Uint8Array(maxLength)

  function peaksOf(x: Float64Array, sign: 1 | -1): number[] {
    const n = x.length
    const scales = Math.min(maxScale, (n - 1) >> 1)
    for (let i = 0; i < n; i += 1) up[i] = sign * (x[i] as number)
    lostAt.fill(scales + 1, 0, n)
    let rhythm = 1
    let most = 0
    for (let k = 1; k <= scales; k += 1) {
      const found = dropLower(up, n, k, lostAt)
      if (found > most) {
        most = found
        rhythm = k
      }
    }
    const peaks: number[] = []
    for (let i = 1; i < n - 1; i += 1) if ((lostAt[i] as number) > rhythm) peaks.push(i)
    return peaks
  }
  return { maxima: (x) => peaksOf(x, 1), minima: (x) => peaksOf(x, -1) }
}

/**
 * Marks the samples that are no peak at scale k, and counts those that are. Beyond the ends there is nothing to compare with: there
 * one side decides, so that beats near the newest edge are seen, but they do not count for the rhythm.
 */
function dropLower(x: Float64Array, n: number, k: number, lostAt: Uint8Array): number {
  let found = 0
  for (let i = 0; i < n; i += 1) {
    const here = x[i] as number
    const overOlder = i < k || here > (x[i - k] as number)
    const overNewer = i + k >= n || here > (x[i + k] as number)
    if (!overOlder || !overNewer) {
      if ((lostAt[i] as number) > k) lostAt[i] = k
    } else if (i >= k && i + k < n) found += 1
  }
  return found
}
