import { saturationFromRatio, slowWave, uniformAt, type MaskRecording, type NewRecord, type PulseRecording, type Swing } from '@vigil/edge-agent'
import type { BedPlan } from './bed-plan.ts'

export interface HistoryOptions {
  readonly plan: BedPlan
  readonly pulse: PulseRecording
  readonly mask: MaskRecording | undefined
  readonly fromMs: number
  readonly toMs: number
}

export const HISTORY_STEP_MS = 10_000
const HOUR_S = 3_600
const MINUTE_MS = 60_000

/** Restlessness over minutes, as any trend has it; heights are in the unit of the value. */
const restless = (height: number): Swing[] => [
  { height, periodS: 5.3 * HOUR_S },
  { height: height * 0.7, periodS: 1.4 * HOUR_S },
  { height: height * 0.5, periodS: 0.31 * HOUR_S },
  { height: height * 0.3, periodS: 97 },
]

interface Levels {
  readonly pr: number
  readonly spo2: number
  readonly rr: number | undefined
  readonly temp: number
}

/**
 * A made-up past that fits the bed's recordings: their levels, a day's rise and fall, restlessness, and a few interruptions.
 * It is synthetic and says so; its only purpose is that a trend has something to show. One object per 10 s, oldest first.
 */
export function* historyOf(options: HistoryOptions): Generator<NewRecord> {
  const { plan, fromMs, toMs } = options
  const levels = levelsOf(options)
  const breaks = interruptions(plan.seed, fromMs, toMs)
  yield { kind: 'event', body: JSON.stringify({ t: fromMs, ev: 'demo_history', ph: 'once', data: { from: fromMs, to: toMs, synthetic: true } }) }
  for (let t = fromMs; t < toMs; t += HISTORY_STEP_MS) {
    const now = breaks.find(({ from, to }) => t >= from && t < to)
    if (now?.what === 'away') continue
    yield { kind: 'sample', body: JSON.stringify({ t, ...(now ? probeOff(plan, levels, t) : measured(plan, levels, t)) }) }
  }
}

function levelsOf({ plan, pulse, mask }: HistoryOptions): Levels {
  const heartRates = Array.from({ length: 60 }, (_, i) => pulse.reference.heartRateAt(i * 10)).filter((value) => value !== undefined)
  const mean = heartRates.reduce((sum, value) => sum + value, 0) / Math.max(1, heartRates.length)
  return { pr: heartRates.length > 0 ? mean : 72, spo2: saturationFromRatio(plan.ratioOfRatios), rr: mask?.breathsPerMinute, temp: plan.baseTempCel }
}

const to = (digits: number, value: number): number => Number(value.toFixed(digits))

/** -1 at four in the morning, +1 at four in the afternoon, UTC. */
function timeOfDay(t: number): number {
  return -Math.cos(2 * Math.PI * (t / 86_400_000 - 4 / 24))
}

function breathing({ seed, index }: BedPlan, rr: number | undefined, t: number): Record<string, number> {
  if (rr === undefined) return {}
  const peep = 5 + (index % 4)
  return {
    rr: to(1, Math.max(6, rr * (1 + 0.04 * timeOfDay(t)) + slowWave(seed + 3, restless(1.1), t / 1_000))),
    peep: to(1, peep + slowWave(seed + 5, restless(0.15), t / 1_000)),
    pip: to(1, peep + 6 + slowWave(seed + 4, restless(0.6), t / 1_000)),
  }
}

function measured(plan: BedPlan, { pr, spo2, rr, temp }: Levels, t: number): Record<string, unknown> {
  const tS = t / 1_000
  return {
    m: {
      pr: to(0, pr * (1 + 0.06 * timeOfDay(t)) + slowWave(plan.seed + 1, restless(2.4), tS)),
      spo2: to(1, Math.min(100, spo2 + 0.3 * timeOfDay(t) + slowWave(plan.seed + 2, restless(0.4), tS))),
      pi: to(1, Math.max(0.5, 2.4 + slowWave(plan.seed + 6, restless(0.5), tS))),
      temp: to(2, temp + 0.25 * timeOfDay(t) + slowWave(plan.seed + 7, restless(0.06), tS)),
      ...breathing(plan, rr, t),
    },
  }
}

/** The finger clip is off: breathing and temperature go on. */
function probeOff(plan: BedPlan, levels: Levels, t: number): Record<string, unknown> {
  const { pr: _pr, spo2: _spo2, pi: _pi, ...others } = measured(plan, levels, t)['m'] as Record<string, number>
  return { m: others, x: { pr: 'off', spo2: 'off', pi: 'off' } }
}

interface Interruption {
  readonly from: number
  readonly to: number
  /** `probe`: the finger clip was off; `away`: the board was off, nothing was measured. */
  readonly what: 'probe' | 'away'
}

/** As a day on a ward has them: washing, a walk, an examination elsewhere. */
function interruptions(seed: number, fromMs: number, toMs: number): Interruption[] {
  const kinds: readonly (readonly [Interruption['what'], number, number])[] = [['probe', 3, 9], ['probe', 2, 6], ['away', 8, 25], ['probe', 1, 4], ['away', 3, 7]]
  // The last half hour is whole, so that the trend meets the present.
  const room = toMs - fromMs - 30 * MINUTE_MS
  if (room <= 0) return []
  return kinds.map(([what, least, most], i) => {
    const minutes = least + (most - least) * uniformAt(seed, 100 + i)
    const from = fromMs + ((i + uniformAt(seed, 200 + i) * 0.8) / kinds.length) * room
    return { what, from, to: Math.min(from + minutes * MINUTE_MS, toMs) }
  })
}
