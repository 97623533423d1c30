import { startOfDay } from '../../i18n/calendar.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const steps = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY]

/** Round times between two moments, at most `most`, counted from local midnight so that they fall on whole hours and days. */
export function timeTicks(fromMs: number, toMs: number, most: number): number[] {
  const step = steps.find((s) => (toMs - fromMs) / s <= most) ?? Math.ceil((toMs - fromMs) / most / DAY) * DAY
  const first = startOfDay(fromMs)
  const ticks: number[] = []
  for (let t = first + Math.ceil((fromMs - first) / step) * step; t <= toMs; t += step) ticks.push(step < DAY ? t : nearestMidnight(t))
  return ticks
}

/** Days of 23 and 25 hours put a tick an hour beside midnight; it belongs on it. */
const nearestMidnight = (ms: number): number => startOfDay(ms + DAY / 2)
