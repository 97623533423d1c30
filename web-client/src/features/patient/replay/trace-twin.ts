import { extent, type TraceSource } from '../../../ui/wave/trace.ts'

/** One second of a trace in numbers; undefined where there is no sample. */
export interface TwinRow {
  readonly tMs: number
  readonly extents: readonly ({ readonly low: number; readonly high: number } | undefined)[]
}

const STEP_MS = 1_000

/** Lowest and highest of each trace in each second up to a moment, newest first: what the picture shows, for who cannot see it. */
export function twinRows(sources: readonly TraceSource[], atMs: number, seconds: number): TwinRow[] {
  const end = Math.floor(atMs / STEP_MS) * STEP_MS
  return Array.from({ length: seconds }, (_, i) => {
    const tMs = end - i * STEP_MS
    return { tMs, extents: sources.map((source) => extent(source, tMs, tMs + STEP_MS - 1)) }
  })
}
