import { type Found, partsOf } from './found.ts'
import { type Findings, measured, type MetricHead, type Row } from './measure.ts'
import { refuse } from './refuse.ts'
import { type HealthTime, readHealthTime, timeAt } from './time.ts'

/** Names of stages in a phone's language of 2024; each is a metric of its own, so that two that begin together stay two. */
const STAGES: Readonly<Record<string, string>> = { Awake: 'sleep_awake', Asleep: 'sleep_asleep', 'In Bed': 'sleep_in_bed', InBed: 'sleep_in_bed', Core: 'sleep_core', Deep: 'sleep_deep', REM: 'sleep_rem', Unspecified: 'sleep_unspecified' }
const HOURS = ['totalSleep', 'asleep', 'core', 'deep', 'rem', 'inBed'] as const

/** One stage of a night: from when to when, and its hours. */
export function readStage(head: MetricHead, row: Row, findings: Findings): Found {
  const metric = STAGES[String(row['value'])] ?? refuse('no_value')
  return { metric, at: timeAt(row['startDate']), value: measured(head, 'qty', row['qty'], findings), aggregation: 'none' }
}

/** A night in one row; what it is made of stays beside its hours of sleep. */
export function readNight(head: MetricHead, row: Row, findings: Findings): Found {
  const hours: Partial<Record<(typeof HOURS)[number], number>> = {}
  for (const key of HOURS) {
    const value = measured(head, key, row[key], findings)
    if (value !== undefined) hours[key] = value
  }
  const value = hoursAsleep(hours)
  if (value === undefined && hours.inBed === undefined) refuse('no_value')
  return { metric: head.name, at: placed(row), value, parts: partsOf(row), aggregation: 'day' }
}

/** The newer form writes 0 for `asleep` where it tells the stages instead. */
function hoursAsleep({ totalSleep, asleep, core, deep, rem }: Partial<Record<(typeof HOURS)[number], number>>): number | undefined {
  const stages = [core, deep, rem].filter((hours) => hours !== undefined)
  const summed = stages.length > 0 ? Number(stages.reduce((sum, hours) => sum + hours, 0).toPrecision(12)) : undefined
  return totalSleep ?? (asleep === undefined || asleep === 0 ? (summed ?? asleep) : asleep)
}

/** A date alone is a day where the person slept: the offset stands beside it. */
function placed(row: Row): HealthTime {
  const at = timeAt(row['date'])
  const offsetMinutes = [row['sleepStart'], row['inBedStart']].map((text) => readHealthTime(text)?.offsetMinutes).find((offset) => offset !== undefined)
  return at.dateOnly && offsetMinutes !== undefined ? { ms: at.ms - offsetMinutes * 60_000, offsetMinutes, dateOnly: true } : at
}
