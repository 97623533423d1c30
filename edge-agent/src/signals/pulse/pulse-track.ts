import { median } from '../maths/statistics.ts'

/** What the last beats were like, so that a sudden other rhythm has to prove itself before it is believed. */
export interface PulseTrack {
  /** Rate per minute, or nothing when none has been believed for a while. */
  readonly rate: number | undefined
  /** Whether a window of this rate and amplitude continues the track, after telling the track of it. */
  accept(rate: number, amplitude: number, atS: number): boolean
  /** A rate that came from a weaker source: keeps the track alive and moves it, proves nothing. */
  follow(rate: number, atS: number): void
  isUsualAmplitude(amplitude: number): boolean
  /** Forgets a track that nothing has confirmed for long. */
  age(atS: number): void
  reset(): void
}

const RATE_JUMP = 0.18
const QUIETEST = 0.5
const LOUDEST = 1.7
const REMEMBERED = 30
const SMOOTHING = 0.3
const FORGET_AFTER_S = 40
// Longer than a bout of rhythmic movement usually lasts; a real change of rate or of finger outlasts it.
const PROOF_S = 14
// With nothing to compare with, a rhythm is believed once it has stayed the same for this long.
const FIRST_PROOF_S = 2
// A new rhythm must be there in nearly every window while it proves itself.
const PROOF_GAP_S = 2

interface Candidate {
  readonly sinceS: number
  lastS: number
  rate: number
  amplitude: number
}

export function createPulseTrack(): PulseTrack {
  let rate: number | undefined
  let confirmedS = Number.NEGATIVE_INFINITY
  let amplitudes: number[] = []
  let candidate: Candidate | undefined

  const isUsualAmplitude = (amplitude: number): boolean => {
    if (amplitudes.length === 0) return true
    const usual = median(amplitudes)
    return amplitude >= QUIETEST * usual && amplitude <= LOUDEST * usual
  }
  const proven = (newRate: number, amplitude: number, atS: number, needS: number): boolean => {
    const same = candidate && atS - candidate.lastS <= PROOF_GAP_S && isNear(newRate, candidate.rate) && isAlike(amplitude, candidate.amplitude)
    if (!candidate || !same) candidate = { sinceS: atS, lastS: atS, rate: newRate, amplitude }
    candidate.lastS = atS
    candidate.rate += SMOOTHING * (newRate - candidate.rate)
    candidate.amplitude += SMOOTHING * (amplitude - candidate.amplitude)
    return atS - candidate.sinceS >= needS
  }
  const take = (newRate: number, atS: number): void => {
    rate = rate === undefined ? newRate : rate + SMOOTHING * (newRate - rate)
    confirmedS = atS
  }
  return {
    get rate() {
      return rate
    },
    isUsualAmplitude,
    accept(newRate, amplitude, atS) {
      const usual = isUsualAmplitude(amplitude)
      if (rate === undefined || !usual || !isNear(newRate, rate)) {
        if (!proven(newRate, amplitude, atS, usual && rate === undefined ? FIRST_PROOF_S : PROOF_S)) return false
        if (rate !== undefined && !isNear(newRate, rate)) rate = undefined
        if (!usual) amplitudes = []
      }
      candidate = undefined
      take(newRate, atS)
      amplitudes.push(amplitude)
      if (amplitudes.length > REMEMBERED) amplitudes.shift()
      return true
    },
    follow: take,
    age(atS) {
      if (atS - confirmedS > FORGET_AFTER_S) rate = undefined
    },
    reset() {
      rate = undefined
      amplitudes = []
      candidate = undefined
    },
  }
}

const isNear = (a: number, b: number): boolean => Math.abs(a / b - 1) <= RATE_JUMP
const isAlike = (a: number, b: number): boolean => a < 1.7 * b && b < 1.7 * a
