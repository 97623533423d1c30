import type { AbsenceReason } from '@vigil/contract/quality'
import { createBreathDetector } from './breath-detector.ts'
import { createBreathLog, type NewBreaths } from './breath-log.ts'
import { absence, type Estimate } from '../maths/estimate.ts'
import { startOfDip } from './inspiratory-dip.ts'
import { createMaskWatch } from './mask-watch.ts'
import { createResampler } from '../maths/resampler.ts'
import { createSlidingWindow } from '../maths/sliding-window.ts'
import { mean } from '../maths/statistics.ts'
import { WORKING_HZ } from '../pulse/working-rate.ts'

/** What inspiration does to the pressure: a ventilator raises it (`rise`), a breath against a mask lowers it (`dip`). */
export type BreathPolarity = 'rise' | 'dip'

export interface BreathingOptions {
  /** Sampling rate of the pressure, 12 Hz or more. */
  readonly hz: number
  readonly polarity?: BreathPolarity | undefined
  /** Whether the input is above ambient pressure. If not, levels mean nothing and only rate and swing are told. */
  readonly gauge?: boolean
  /** Seconds without a breath when this begins, in somebody whose breathing was followed until a gap; nothing when nobody's was. */
  readonly silentS?: number | undefined
}

export interface BreathingEstimate extends NewBreaths {
  readonly rr: Estimate
  readonly peep: Estimate
  readonly pip: Estimate
  /** Mean pressure of the last second. */
  readonly paw: Estimate
  /** No breath has begun for 20 s, in somebody who was breathing; `rr` is then 0, which is a measured value. */
  readonly apnoea: boolean
}

/** Breathing from airway or mask pressure in cmH2O without gaps; after a gap, make a new one. One `update` a second. */
export interface Breathing {
  push(pressure: number): void
  /** Says whether the next samples are above ambient. */
  setGauge(gauge: boolean): void
  /** Seconds since the last breath of somebody who was breathing. */
  readonly silentS: number | undefined
  update(): BreathingEstimate
}

const HISTORY_S = 30
// Peaks are read at up to this rate; faster input is reduced to it.
const HISTORY_HZ = 50
const APNOEA_S = 20

type Told = Pick<BreathingEstimate, 'rr' | 'peep' | 'pip' | 'apnoea'>

export function createBreathing({ hz, polarity = 'rise', gauge = true, silentS }: BreathingOptions): Breathing {
  const sign = polarity === 'rise' ? 1 : -1
  const historyHz = Math.min(hz, HISTORY_HZ)
  const detectorHz = Math.min(hz, WORKING_HZ)
  const toHistory = createResampler({ fromHz: hz, toHz: historyHz })
  const toDetector = createResampler({ fromHz: hz, toHz: detectorHz })
  const samples = createSlidingWindow(Math.round(HISTORY_S * historyHz))
  const detector = createBreathDetector({ hz: detectorHz })
  const log = createBreathLog({ samples, hz: historyHz, sign }, silentS)
  const mask = createMaskWatch(historyHz)
  let isGauge = gauge
  let count = 0
  let lastRise = 0

  const level = (value: number | undefined, otherwise: AbsenceReason): Estimate => {
    if (!isGauge) return absence('no-ambient')
    return value === undefined ? absence(otherwise) : { value, sq: 100 }
  }
  const describe = (now: number): Told => {
    const known = log.rate.at(now)
    if (log.rate.silence(now) >= APNOEA_S && log.rate.wasBreathing) {
      return { rr: { value: 0, sq: 100 }, peep: level(undefined, 'no-lock'), pip: level(undefined, 'no-lock'), apnoea: true }
    }
    const waiting = now < APNOEA_S ? 'warmup' : 'no-lock'
    const rr: Estimate = known ? { value: known.rate, sq: Math.round(100 * Math.max(0, 1 - known.irregularity)) } : absence(waiting)
    return { rr, peep: level(log.last?.peep, waiting), pip: level(log.last?.pip, waiting), apnoea: false }
  }
  return {
    push(pressure) {
      count += 1
      toHistory.push(pressure, (p) => samples.push(p))
      toDetector.push(pressure, (p) => {
        const rise = detector.push(p)
        if (rise === undefined) return
        const onset = polarity === 'rise' ? rise : startOfDip({ samples, hz: historyHz }, rise, lastRise)
        lastRise = rise
        if (onset !== undefined) log.begin(onset)
      })
    },
    setGauge(value) {
      if (value !== isGauge) log.forgetLevels()
      if (!value) mask.forget()
      isGauge = value
    },
    get silentS() {
      return log.rate.wasBreathing ? log.rate.silence(count / hz) : undefined
    },
    update() {
      const last = samples.view(Math.round(historyHz))
      if (isGauge && last.length > 0) mask.look(samples, log.last?.peep)
      const fresh = log.takeNew()
      if (mask.off) {
        log.forget()
        const off = absence('off')
        return { rr: off, peep: off, pip: off, paw: off, apnoea: false, ...fresh }
      }
      return { ...describe(count / hz), paw: level(last.length === 0 ? undefined : mean(last), 'warmup'), ...fresh }
    },
  }
}
