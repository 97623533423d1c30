import type { Measure, Measures, Target } from './benchmark.ts'
import { median } from './statistics.ts'

/** What the sides measured in one round, by name of the side. */
export type Round = ReadonlyMap<string, Measures>

export interface Verdict {
  readonly says: string
  /** Median over the rounds of measure / control, or of the measure itself. */
  readonly value: number
  readonly lowest: number
  readonly highest: number
  readonly bound: string
  readonly verdict: 'met' | 'missed' | 'not measured'
}

/** Judges a target by its ratio in each round: neighbours in time share the state of the machine. */
export function judge(target: Target, rounds: readonly Round[]): Verdict {
  const values = rounds.flatMap((round) => valueIn(round, target))
  const value = median(values)
  const { says, atLeast, atMost } = target
  const bound = [...(atLeast === undefined ? [] : [`>= ${atLeast}`]), ...(atMost === undefined ? [] : [`<= ${atMost}`])].join(', ')
  const met = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
  return { says, value, lowest: Math.min(...values), highest: Math.max(...values), bound, verdict: values.length === 0 ? 'not measured' : met ? 'met' : 'missed' }
}

function valueIn(round: Round, { of, to }: Target): number[] {
  const value = lookUp(round, of)
  if (to === undefined) return value === undefined ? [] : [value]
  const control = lookUp(round, to)
  return value === undefined || control === undefined || control === 0 ? [] : [value / control]
}

function lookUp(round: Round, measure: Measure): number | undefined {
  const [side = '', name = ''] = measure.split('.')
  return round.get(side)?.[name]
}
