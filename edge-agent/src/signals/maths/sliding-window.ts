/** The newest samples of a stream, always readable as one unbroken piece. */
export interface SlidingWindow {
  push(x: number): void
  /** Oldest first; at most `capacity` samples. Valid until the next push. */
  view(length?: number): Float64Array
  /** Samples pushed since the start, which makes the newest one number `count - 1`. */
  readonly count: number
  reset(): void
}

/** Every sample is written twice, `capacity` apart, so that reading never copies. */
export function createSlidingWindow(capacity: number): SlidingWindow {
  const buffer = new Float64Array(2 * capacity)
  let count = 0
  return {
    get count() {
      return count
    },
    push(x) {
      const at = count % capacity
      buffer[at] = x
      buffer[at + capacity] = x
      count += 1
    },
    view(length = capacity) {
      const n = Math.min(length, count, capacity)
      const end = count <= capacity ? count : (count % capacity) + capacity
      return buffer.subarray(end - n, end)
    },
    reset() {
      count = 0
    },
  }
}
