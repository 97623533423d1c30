export function mean(x: ArrayLike<number>, from = 0, to = x.length): number {
  let sum = 0
  for (let i = from; i < to; i += 1) sum += x[i] as number
  return sum / (to - from)
}

/** Population standard deviation. */
export function deviation(x: ArrayLike<number>, from = 0, to = x.length): number {
  const m = mean(x, from, to)
  let sum = 0
  for (let i = from; i < to; i += 1) {
    const d = (x[i] as number) - m
    sum += d * d
  }
  return Math.sqrt(sum / (to - from))
}

/** Linearly interpolated quantile, `q` from 0 to 1; NaN of nothing. */
export function quantile(x: ArrayLike<number>, q: number): number {
  const sorted = new Float64Array(x).sort()
  if (sorted.length === 0) return Number.NaN
  const place = q * (sorted.length - 1)
  const low = Math.floor(place)
  const high = Math.min(low + 1, sorted.length - 1)
  return (sorted[low] as number) + (place - low) * ((sorted[high] as number) - (sorted[low] as number))
}

export function median(x: ArrayLike<number>): number {
  return quantile(x, 0.5)
}

/** The smallest value that, with all below it, holds half of the weight. Both lists of equal length, not empty. */
export function weightedMedian(x: readonly number[], weights: readonly number[]): number {
  const order = x.map((_, i) => i).sort((a, b) => (x[a] as number) - (x[b] as number))
  const half = weights.reduce((a, b) => a + b, 0) / 2
  let below = 0
  for (const i of order) {
    below += weights[i] as number
    if (below >= half) return x[i] as number
  }
  return x[order[order.length - 1] as number] as number
}

/** Pearson correlation of two stretches of equal length; 0 when one of them is flat. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>, from = 0, to = a.length): number {
  const ma = mean(a, from, to)
  const mb = mean(b, from, to)
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = from; i < to; i += 1) {
    const x = (a[i] as number) - ma
    const y = (b[i] as number) - mb
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb)
}

/**
 * Where the top of a peak lies between samples, as an offset of -0.5..0.5 from the middle one, from a parabola through
 * three neighbours.
 */
export function parabolaOffset(before: number, at: number, after: number): number {
  const curvature = before - 2 * at + after
  if (curvature === 0) return 0
  return Math.max(-0.5, Math.min(0.5, (0.5 * (before - after)) / curvature))
}
