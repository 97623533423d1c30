import type { SignalName } from '@vigil/contract/catalogue'
import { absence, type Estimate } from './maths/estimate.ts'

/** What a contact thermometer's readings mean. */
export interface TemperatureRules {
  /** @param celsius the newest reading @param atS when it was taken, in seconds of any steady clock */
  judge(celsius: number, atS: number): Estimate
  reset(): void
}

export interface TemperatureOptions {
  /** Below this the probe is not on a person. */
  readonly offBelow?: number
}

export type TemperatureSignal = Extract<SignalName, 'temp' | 'tcore' | 'tskin'>

/** By where a thermometer measures: skin of a hand may be as cool as a room, a core never is. */
const rulesOfSignal: Readonly<Record<TemperatureSignal, TemperatureOptions>> = { temp: {}, tcore: { offBelow: 30 }, tskin: { offBelow: 20 } }

export const isTemperature = (signal: SignalName): signal is TemperatureSignal => signal in rulesOfSignal

/** Rules of each temperature of one board, made when it is first heard of. */
export function createTemperatureJudge(): (signal: TemperatureSignal, celsius: number, atS: number) => Estimate {
  const known = new Map<TemperatureSignal, TemperatureRules>()
  return (signal, celsius, atS) => {
    const rules = known.get(signal) ?? createTemperatureRules(rulesOfSignal[signal])
    known.set(signal, rules)
    return rules.judge(celsius, atS)
  }
}

// Above this no contact probe on a person reads: the end of the catalogue's plausible range.
const HOTTEST = 45
const OFF_BELOW = 28
// Tissue does not change by this much from one reading to the next; a probe that is touched or a torn read does.
const JUMP = 1
// A probe that still warms up faster than this tells its own temperature more than the patient's.
const SETTLED_PER_MIN = 0.2
const SLOPE_OVER_S = 60
const LONGEST_BETWEEN_S = 180

interface Reading {
  readonly celsius: number
  readonly atS: number
}

export function createTemperatureRules({ offBelow = OFF_BELOW }: TemperatureOptions = {}): TemperatureRules {
  let history: Reading[] = []
  let doubted: Reading | undefined

  const jumped = (now: Reading): boolean => {
    const last = history[history.length - 1]
    if (!last || Math.abs(now.celsius - last.celsius) < JUMP) return false
    // Twice the same surprise is the truth.
    const confirmed = doubted !== undefined && Math.abs(now.celsius - doubted.celsius) < JUMP
    doubted = now
    if (confirmed) history = []
    return !confirmed
  }
  const slopePerMin = (now: Reading): number => {
    const first = history[0] as Reading
    const spanS = now.atS - first.atS
    return spanS < SLOPE_OVER_S / 2 ? Number.POSITIVE_INFINITY : (60 * (now.celsius - first.celsius)) / spanS
  }
  const reset = (): void => {
    history = []
    doubted = undefined
  }
  return {
    judge(celsius, atS) {
      if (!(celsius >= offBelow)) {
        reset()
        return absence(Number.isNaN(celsius) ? 'fault' : 'off')
      }
      if (celsius > HOTTEST) return absence('fault')
      const now = { celsius, atS }
      if (jumped(now)) return absence('motion')
      doubted = undefined
      const recent = history.filter((r) => r.atS > atS - SLOPE_OVER_S)
      // A probe read once a minute has no other reading in the last minute than this one.
      history = [...(recent.length > 0 ? recent : history.slice(-1).filter((r) => r.atS > atS - LONGEST_BETWEEN_S)), now]
      return Math.abs(slopePerMin(now)) > SETTLED_PER_MIN ? { value: celsius, sq: 50, question: 'calibrating' } : { value: celsius, sq: 100 }
    },
    reset,
  }
}
