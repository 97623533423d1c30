/** A filter that goes on from one run of samples to the next. */
export interface HighPass {
  /** Filters in place; `broken` when samples are missing before these, so that a step is not taken for a wave. */
  apply(values: Float32Array, stepMs: number, broken: boolean): void
}

/** Light through tissue wanders with posture and breathing, far more than with the pulse that is looked for. */
const PLETH_HIGH_PASS_HZ = 0.4

/** What is taken out from under the wave of a channel before it is drawn, live or out of the record; undefined: nothing. */
export const highPassHzOf = (channel: string): number | undefined => (channel.startsWith('pleth') ? PLETH_HIGH_PASS_HZ : undefined)

/** First-order high-pass, the capacitor in front of every bedside pleth: y[n] = a (y[n-1] + x[n] - x[n-1]). */
export function createHighPass(cutHz: number): HighPass {
  let lastIn = Number.NaN
  let lastOut = 0
  const rc = 1 / (2 * Math.PI * cutHz)

  return {
    apply(values, stepMs, broken) {
      const step = stepMs / 1_000
      const a = rc / (rc + step)
      if (broken) lastIn = Number.NaN
      for (let i = 0; i < values.length; i++) {
        const x = values[i] as number
        // After a gap it starts from rest.
        lastOut = Number.isNaN(x) || Number.isNaN(lastIn) ? 0 : a * (lastOut + x - lastIn)
        lastIn = x
        values[i] = Number.isNaN(x) ? x : lastOut
      }
    },
  }
}
