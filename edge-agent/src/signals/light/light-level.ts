/** What the raw counts of one photodiode channel say before any signal processing. */
export interface LightLevel {
  /** Returns the sample to go on with: a glitch is replaced by the sample before it. */
  push(count: number): number
  /** State over the last second. */
  read(): { readonly dc: number; readonly saturated: boolean; readonly fingerOn: boolean }
  /** Samples replaced since the start. */
  readonly glitches: number
}

export interface LightLevelOptions {
  readonly hz: number
  /** Largest count of the converter; without it nothing is said of saturation or of a missing finger. */
  readonly fullScale?: number | undefined
}

const SATURATED = 0.98
// Dark skin gives back more than this share of full scale at the resting LED current, the bare glass much less; in between, the automatic
// current makes it brighter.
const FINGER = 0.05
const SMALLEST_STUCK_CODE = 4096
const JUMP = 0.05
// More than this many in a row is no glitch but the signal.
const LONGEST_GLITCH = 3

export function createLightLevel({ hz, fullScale }: LightLevelOptions): LightLevel {
  const perSecond = Math.max(1, Math.round(hz))
  const second = new Float64Array(perSecond)
  let count = 0
  let glitches = 0
  let inGlitch = 0
  let previous: number | undefined

  // A torn read of the converter shows as a single power of two far from its neighbours.
  const isGlitch = (x: number): boolean =>
    previous !== undefined && x >= SMALLEST_STUCK_CODE && (x & (x - 1)) === 0 && Math.abs(x - previous) > JUMP * previous

  return {
    get glitches() {
      return glitches
    },
    push(x) {
      let kept = x
      if (isGlitch(x) && inGlitch < LONGEST_GLITCH) {
        kept = previous as number
        inGlitch += 1
        glitches += 1
      } else inGlitch = 0
      previous = kept
      second[count % perSecond] = kept
      count += 1
      return kept
    },
    read() {
      const n = Math.min(count, perSecond)
      let sum = 0
      let high = 0
      for (let i = 0; i < n; i += 1) {
        const x = second[i] as number
        sum += x
        if (fullScale !== undefined && x >= SATURATED * fullScale) high += 1
      }
      const dc = n === 0 ? 0 : sum / n
      return { dc, saturated: high > 0, fingerOn: fullScale === undefined || dc >= FINGER * fullScale }
    },
  }
}
