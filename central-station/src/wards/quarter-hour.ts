import { type Clock, type SignalName, type Stop, TREND_STEP_MS, TREND_STEPS } from '@vigil/contract'
import type { RawSamples } from '../history/history-store.ts'
import type { LiveHub } from '../live/live-hub.ts'

/** Means of the last quarter of an hour, in memory: what a tile of the wall draws behind its numbers. */
export interface QuarterHour {
  /** One mean a step, oldest first, the last one under way; `null` where nothing was measured, and before `sinceMs`. */
  means(device: string, signal: SignalName, sinceMs: number): (number | null)[]
  /** What was stored of a device before this program heard it: fills the steps of which nothing was heard, and no other. */
  fill(device: string, samples: RawSamples): void
  stop: Stop
}

/** What a nurse judges a course by; pressures and the rest have their trend on the patient's page. */
export const trendSignals = ['hr', 'pr', 'spo2', 'rr', 'rrppg', 'temp'] as const satisfies readonly SignalName[]

interface Step {
  /** Which step since the epoch stands in this place of the ring. */
  no: number
  sum: number
  n: number
}

/**
 * Listens to the live lane alone: a backlog never changes what the wall shows. Begins empty with the central station, and is filled once
 * from what was stored; a device that fell silent leaves nulls behind and its ring is overwritten when it speaks again.
 */
export function watchQuarterHour(hub: Pick<LiveHub, 'listen'>, clock: Clock): QuarterHour {
  const rings = new Map<string, Step[]>()
  const stop = hub.listen({
    sample(device, { values }, { lane, t }) {
      if (lane !== 'tele') return
      for (const signal of trendSignals) {
        const value = values[signal]
        if (value !== undefined) add(rings, `${device}/${signal}`, t, value)
      }
    },
  })
  return {
    stop,
    fill(device, { times, columns }) {
      for (const signal of trendSignals) {
        const column = columns.get(signal)
        if (column) fillRing(ringOf(rings, `${device}/${signal}`), stepsOf(times, column))
      }
    },
    means(device, signal, sinceMs) {
      const ring = rings.get(`${device}/${signal}`)
      const last = Math.floor(clock.now() / TREND_STEP_MS)
      return Array.from({ length: TREND_STEPS }, (_, i) => {
        const no = last - (TREND_STEPS - 1) + i
        const step = ring?.[no % TREND_STEPS]
        return step?.no === no && step.n > 0 && no * TREND_STEP_MS >= sinceMs ? step.sum / step.n : null
      })
    },
  }
}

function ringOf(rings: Map<string, Step[]>, key: string): Step[] {
  let ring = rings.get(key)
  if (!ring) rings.set(key, (ring = Array.from({ length: TREND_STEPS }, () => ({ no: -1, sum: 0, n: 0 }))))
  return ring
}

function add(rings: Map<string, Step[]>, key: string, t: number, value: number): void {
  const no = Math.floor(t / TREND_STEP_MS)
  const step = ringOf(rings, key)[no % TREND_STEPS]
  // An object that was long on its way is older than the ring.
  if (!step || step.no > no) return
  if (step.no < no) Object.assign(step, { no, sum: 0, n: 0 })
  step.sum += value
  step.n++
}

/** Samples in order of time, step by step; NaN where a sample does not hold the signal. */
function stepsOf(times: Float64Array, column: Float64Array): Step[] {
  const steps: Step[] = []
  for (const [i, value] of column.entries()) {
    if (Number.isNaN(value)) continue
    const no = Math.floor((times[i] as number) / TREND_STEP_MS)
    const last = steps.at(-1)
    if (last?.no !== no) steps.push({ no, sum: value, n: 1 })
    else {
      last.sum += value
      last.n++
    }
  }
  return steps
}

/** A place of the ring that holds the same step or a later one was heard: it stays. */
function fillRing(ring: Step[], steps: readonly Step[]): void {
  for (const stored of steps) {
    const step = ring[stored.no % TREND_STEPS]
    if (step && step.no < stored.no) Object.assign(step, stored)
  }
}
