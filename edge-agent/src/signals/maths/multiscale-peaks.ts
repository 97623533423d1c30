/**
 * Peaks by their presence at many scales (the idea of Scholkmann's AMPD in the form known as MSPTD): a peak at scale k is higher
 * than its neighbours k samples away. The scale with most peaks is the rhythm; a sample that is a peak at every scale up to it is
 * a beat. Nothing depends on amplitude. Troughs are the same upside down, and found in the same pass.
 */
export interface PeakFinder {
  /** Indices, ascending. */
  find(x: Float64Array): { readonly maxima: number[]; readonly minima: number[] }
}

/** One of both kinds: for each sample the first scale at which it stops being one, and the scale with most so far. */
interface Side {
  readonly lostAt: Uint8Array
  found: number
  most: number
  rhythm: number
}

/** Finder for stretches up to `maxLength`; its buffers are used again every time. */
export function createPeakFinder({ maxLength, maxScale }: { readonly maxLength: number; readonly maxScale: number }): PeakFinder {
  const side = (): Side => ({ lostAt: new Uint8Array(maxLength), found: 0, most: 0, rhythm: 1 })
  const high = side()
  const low = side()

  return {
    find(x) {
      const n = x.length
      const scales = Math.min(maxScale, (n - 1) >> 1)
      for (const one of [high, low]) {
        one.lostAt.fill(scales + 1, 0, n)
        one.most = 0
        one.rhythm = 1
      }
      for (let k = 1; k <= scales; k += 1) {
        dropBetween(x, k, high, low)
        dropAtEnds(x, k, high.lostAt, low.lostAt)
        keepMost(high, k)
        keepMost(low, k)
      }
      return { maxima: survivors(high, n), minima: survivors(low, n) }
    },
  }
}

/** Marks the samples that are no peak, or no trough, at scale k, and counts those that are. */
function dropBetween(x: Float64Array, k: number, high: Side, low: Side): void {
  const lostHigh = high.lostAt
  const lostLow = low.lostAt
  let highs = 0
  let lows = 0
  for (let i = k, end = x.length - k; i < end; i += 1) {
    const here = x[i] as number
    const older = x[i - k] as number
    const newer = x[i + k] as number
    if (here > older && here > newer) highs += 1
    else if ((lostHigh[i] as number) > k) lostHigh[i] = k
    if (here < older && here < newer) lows += 1
    else if ((lostLow[i] as number) > k) lostLow[i] = k
  }
  high.found = highs
  low.found = lows
}

/**
 * Beyond the ends there is nothing to compare with: there one side decides, so that beats near the newest edge are seen, but they
 * do not count for the rhythm.
 */
function dropAtEnds(x: Float64Array, k: number, lostHigh: Uint8Array, lostLow: Uint8Array): void {
  const n = x.length
  for (let end = 0; end < 2 * k; end += 1) {
    const i = end < k ? end : n - 2 * k + end
    const here = x[i] as number
    const other = x[end < k ? i + k : i - k] as number
    if (here <= other && (lostHigh[i] as number) > k) lostHigh[i] = k
    if (here >= other && (lostLow[i] as number) > k) lostLow[i] = k
  }
}

function keepMost(side: Side, k: number): void {
  if (side.found <= side.most) return
  side.most = side.found
  side.rhythm = k
}

function survivors({ lostAt, rhythm }: Side, n: number): number[] {
  const at: number[] = []
  for (let i = 1; i < n - 1; i += 1) if ((lostAt[i] as number) > rhythm) at.push(i)
  return at
}
