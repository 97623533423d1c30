import type { Row } from './measure.ts'
import type { HealthTime } from './time.ts'
import type { Aggregation } from './value.ts'

/** What the rule for a kind of metric finds in a row. */
export interface Found {
  readonly metric: string
  readonly at: HealthTime
  readonly value?: number | undefined
  readonly low?: number | undefined
  readonly high?: number | undefined
  readonly parts?: Readonly<Record<string, unknown>> | undefined
  readonly aggregation: Aggregation
}

/** Keys with a rule of their own; every other key of a row is kept beside its value. */
const RULED: ReadonlySet<string> = new Set(['date', 'qty', 'Min', 'Avg', 'Max', 'min', 'avg', 'max', 'source', 'startDate', 'endDate', 'end', 'units', '__proto__'])
const MOST_PARTS = 40

export function partsOf(row: Row): Record<string, unknown> | undefined {
  const parts: Record<string, unknown> = {}
  let count = 0
  for (const key in row) {
    if (RULED.has(key) || key.length > 60 || count >= MOST_PARTS || !isPart(row[key])) continue
    parts[key] = row[key]
    count++
  }
  return count > 0 ? parts : undefined
}

function isPart(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= 200)
}
