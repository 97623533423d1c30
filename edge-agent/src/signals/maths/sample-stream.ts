/** Evenly spaced samples of one channel, as a sensor gives them. */
export interface SampleBlock {
  readonly hz: number
  /** When the first sample was taken, in milliseconds of any steady clock. */
  readonly t0Ms: number
  readonly values: ArrayLike<number>
  /** Anything here says that the block does not continue the one before. */
  readonly gap?: unknown
}

/** Keeps the time of a stream of blocks, and notices when one does not continue the last. */
export interface SampleStream {
  /** Returns false when the stream starts anew with this block. */
  continues(block: SampleBlock): boolean
  /** The steady-clock time of a moment given in seconds since the first sample of the stream. */
  toMs(seconds: number): number
  /** What follows starts anew. */
  interrupt(): void
}

// Clock and sampling never agree to the millisecond; a hole of this size would tear a beat.
const TOLERANCE_MS = 120

export function createSampleStream(): SampleStream {
  let hz = 0
  let count = 0
  let blockStart = 0
  let blockMs = 0
  let nextMs: number | undefined
  return {
    continues(block) {
      const unbroken = nextMs !== undefined && !block.gap && block.hz === hz && Math.abs(block.t0Ms - nextMs) <= TOLERANCE_MS
      if (!unbroken) count = 0
      hz = block.hz
      blockStart = count
      blockMs = block.t0Ms
      count += block.values.length
      nextMs = block.t0Ms + (1000 * block.values.length) / hz
      return unbroken
    },
    // Counted from the newest block, so that a sampling clock a little off does not add up.
    toMs: (seconds) => blockMs + 1000 * (seconds - blockStart / hz),
    interrupt() {
      nextMs = undefined
    },
  }
}
