/** What the automatic LED current needs to know, once a second. */
export interface LedState {
  /** Mean raw count over the last second. */
  readonly dc: number
  /** Largest count of the converter. */
  readonly fullScale: number
  readonly currentMa: number
  readonly fingerOn: boolean
}

export interface LedRange {
  readonly minMa: number
  readonly maxMa: number
  /** Smallest change the chip can make. */
  readonly stepMa: number
  /** Current without a finger, low enough that the next finger does not saturate. */
  readonly restMa: number
}

/** MAX30102: 0.2 mA a step up to 51 mA; 6.2 mA (0x1F) at rest. */
export const max30102Leds: LedRange = { minMa: 0.2, maxMa: 51, stepMa: 0.2, restMa: 6.2 }

/** A change of current is a change of amplitude: samples are thrown away for this long after one. */
export const DISCARD_AFTER_CHANGE_S = 1

const LOW = 0.25
const HIGH = 0.75
const AIM = 0.5
const LARGEST_STEP = 2

/** The LED current for the next second: kept while the light is between a quarter and three quarters of full scale. */
export function nextLedCurrent({ dc, fullScale, currentMa, fingerOn }: LedState, range: LedRange): number {
  if (!fingerOn) return range.restMa
  const level = dc / fullScale
  if (level >= LOW && level <= HIGH) return currentMa
  const wanted = currentMa * Math.max(1 / LARGEST_STEP, Math.min(LARGEST_STEP, AIM / Math.max(level, 1e-6)))
  const steps = Math.round(wanted / range.stepMa)
  return Math.max(range.minMa, Math.min(range.maxMa, Number((steps * range.stepMa).toFixed(3))))
}
