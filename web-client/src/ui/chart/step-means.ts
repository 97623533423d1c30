import type { History } from '@vigil/contract/api/history'
import { type HistoryPoint, recordedOf } from './series.ts'

/**
 * Means of equal steps over the range of an answer, oldest first, `null` where nothing was recorded: what a small line is drawn from.
 * Steps are the buckets of the answer; of single samples, `rawStepMs` long.
 */
export function stepMeans({ from, to, resolution, bucketMs }: Pick<History, 'from' | 'to' | 'resolution' | 'bucketMs'>, points: readonly HistoryPoint[], rawStepMs: number): (number | null)[] {
  const stepMs = resolution === 'raw' ? rawStepMs : bucketMs
  const first = Math.floor(Date.parse(from) / stepMs)
  const steps = Array.from({ length: Math.ceil(Date.parse(to) / stepMs) - first }, () => ({ sum: 0, n: 0 }))
  for (const point of points) {
    const { t, mean } = recordedOf(point)
    const step = steps[Math.floor(t / stepMs) - first]
    if (!step) continue
    step.sum += mean
    step.n++
  }
  return steps.map(({ sum, n }) => (n === 0 ? null : sum / n))
}
