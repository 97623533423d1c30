/** Finds what an analogue pressure sensor shows when nothing presses. */
export interface ZeroAtStart {
  /** The offset to subtract, in the unit of the samples; `undefined` until it is known. */
  offset(sample: number): number | undefined
}

export interface ZeroAtStartOptions {
  /** Samples that must agree. */
  readonly samples: number
  /** The largest offset a good part can have: more than this is a pressure. */
  readonly largest: number
}

/** Samples at rest differ by less than this share of the largest offset; a breath moves them by more. */
const STEADY_SHARE = 0.08

/** The mean of the first samples that stand still near zero. With a mask already on a patient there are none, and no zero is made up. */
export function createZeroAtStart({ samples, largest }: ZeroAtStartOptions): ZeroAtStart {
  const recent: number[] = []
  let zero: number | undefined
  return {
    offset(sample) {
      if (zero !== undefined) return zero
      recent.push(sample)
      if (recent.length > samples) recent.shift()
      if (recent.length < samples || Math.max(...recent) - Math.min(...recent) > STEADY_SHARE * largest) return undefined
      const mean = recent.reduce((sum, value) => sum + value, 0) / samples
      if (Math.abs(mean) <= largest) zero = mean
      return zero
    },
  }
}
