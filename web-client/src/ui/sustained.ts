import { groupOf, type SignalGroup } from './vital-signals.ts'

/** From where on a change counts: beyond what breathing, turning in bed and the sensor's own grain make of a steady value. */
const least: Readonly<Partial<Record<SignalGroup, number>>> = { heart: 15, oxygen: 3, breath: 5, temperature: 0.5 }

/** Steps of half a minute that must all lie on one side: three minutes. */
const RECENT = 6
/** As many before them are needed to say what was usual: five minutes. */
const LEAST_BEFORE = 10

/** Whether a value has moved and stayed there, against the minutes before; a dip that came back is no trend. */
export function sustained(signal: string, means: readonly (number | null)[]): 'up' | 'down' | undefined {
  const threshold = least[groupOf(signal)]
  const recent = means.slice(-RECENT).filter((mean) => mean !== null)
  const before = means.slice(0, -RECENT).filter((mean) => mean !== null).sort((a, b) => a - b)
  // The step under way may be empty still.
  if (threshold === undefined || recent.length < RECENT - 1 || before.length < LEAST_BEFORE) return undefined
  const usual = before[Math.floor(before.length / 2)] ?? 0
  if (recent.every((mean) => mean - usual >= threshold)) return 'up'
  return recent.every((mean) => usual - mean >= threshold) ? 'down' : undefined
}
