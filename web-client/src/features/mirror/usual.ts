import type { History } from '@vigil/contract/api/history'

/** A person's own usual range of one signal, from the hourly means of a week. */
export interface Usual {
  readonly low: number
  readonly high: number
}

/** Fewer hours than this say nothing about what is usual. */
const LEAST_HOURS = 24

/** Between the tenth and the ninetieth percentile of the hourly means. */
export function usualOf(hourlyMeans: readonly number[]): Usual | undefined {
  if (hourlyMeans.length < LEAST_HOURS) return undefined
  const sorted = [...hourlyMeans].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number
  return { low: at(0.1), high: at(0.9) }
}

export type Compared = 'usual' | 'higher' | 'lower' | 'unknown'

/** What is within the range, or less than `slack` outside, is as usual. */
export function compare(value: number, usual: Usual | undefined, slack: number): Compared {
  if (!usual) return 'unknown'
  if (value > usual.high + slack) return 'higher'
  return value < usual.low - slack ? 'lower' : 'usual'
}

/** The week as the mirror remembers it: hourly means by signal, `[ms, mean]`, newest last. Nothing that names a person. */
export interface MirrorMemory {
  readonly stay: string
  readonly atMs: number
  readonly hours: Readonly<Record<string, readonly (readonly [ms: number, mean: number])[]>>
}

const meanAt = 2
export function remembered(stay: string, atMs: number, history: History): MirrorMemory {
  return { stay, atMs, hours: Object.fromEntries(history.series.map((s) => [s.signal, s.points.map((p) => [p[0] as number, (p[meanAt] ?? p[1]) as number] as const)])) }
}

const KEY = 'vigil.mirror'
export const WEEK_MS = 7 * 86_400_000

export function keep(storage: Pick<Storage, 'setItem'>, memory: MirrorMemory): void {
  storage.setItem(KEY, JSON.stringify(memory))
}

/** What this mirror remembers of this stay, if it is not older than a week. */
export function recall(storage: Pick<Storage, 'getItem'>, stay: string, nowMs: number): MirrorMemory | undefined {
  try {
    const memory = JSON.parse(storage.getItem(KEY) ?? 'null') as MirrorMemory | null
    return memory && memory.stay === stay && nowMs - memory.atMs < WEEK_MS ? memory : undefined
  } catch {
    return undefined
  }
}

/** The session is over: what was remembered here is nobody's any more. */
export function forget(storage: Pick<Storage, 'removeItem'>): void {
  storage.removeItem(KEY)
}
