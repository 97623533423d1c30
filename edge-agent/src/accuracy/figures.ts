/** How answers compare with a reference, coverage beside error: an estimator that stays silent when it is hard is not a better one. */
export interface Figures {
  /** Moments with a reference. */
  readonly asked: number
  readonly answered: number
  readonly bias: number
  readonly mae: number
  /** Root of the mean square error; what oximetry calls Arms. */
  readonly arms: number
  /** Share of the answers within the limit, 0..1. */
  readonly within: number
}

export interface Comparison {
  /** @param value nothing when there was no answer */
  add(value: number | undefined, reference: number): void
  figures(): Figures
}

/** @param limit largest error that counts as right, in the unit of the values */
export function createComparison(limit: number): Comparison {
  let asked = 0
  const errors: number[] = []
  const mean = (of: (error: number) => number): number => errors.reduce((sum, error) => sum + of(error), 0) / errors.length
  return {
    add(value, reference) {
      asked += 1
      if (value !== undefined) errors.push(value - reference)
    },
    figures: () => ({
      asked,
      answered: errors.length,
      bias: mean((e) => e),
      mae: mean(Math.abs),
      arms: Math.sqrt(mean((e) => e * e)),
      within: mean((e) => (Math.abs(e) <= limit ? 1 : 0)),
    }),
  }
}

/** Mean of the figures of several recordings, each counting once. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length
}
