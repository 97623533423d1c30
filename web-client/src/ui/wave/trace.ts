/** An unbroken run of samples; a value that could not be had is NaN. */
export interface WaveRun {
  readonly startMs: number
  readonly stepMs: number
  readonly values: Float32Array
}

/** Samples of one channel by the time they were measured, oldest first. */
export interface TraceSource {
  readonly runs: readonly WaveRun[]
  /** Time just after the newest sample, ms since the Unix epoch. */
  readonly headMs: number | undefined
}

/** CSS pixels per millimetre (CSS defines the inch as 96 px): a constant, so that the same beat has the same width everywhere. */
export const PX_PER_MM = 96 / 25.4

export const runEndMs = ({ startMs, stepMs, values }: WaveRun): number => startMs + stepMs * values.length

/** Milliseconds a trace of this width shows at this paper speed. */
export function windowMs(widthPx: number, mmPerSecond: number): number {
  return (widthPx / (mmPerSecond * PX_PER_MM)) * 1_000
}

/** Where things are drawn: a sweep that overwrites itself from left to right, as bedside monitors do. */
export interface Sweep {
  readonly widthPx: number
  readonly heightPx: number
  readonly windowMs: number
  /** Time drawn last; the newest sample shown. */
  readonly playheadMs: number
  /** Bottom and top of the scale. */
  readonly low: number
  readonly high: number
}

/** Blank space ahead of the newest sample, so that old and new cannot be read as one line. */
export const ERASE_PX = 18

export interface Pen {
  move(x: number, y: number): void
  line(x: number, y: number): void
}

export const sweepX = (tMs: number, { windowMs: w, widthPx }: Pick<Sweep, 'windowMs' | 'widthPx'>): number => ((((tMs % w) + w) % w) / w) * widthPx

export function sweepY(value: number, { low, high, heightPx }: Pick<Sweep, 'low' | 'high' | 'heightPx'>): number {
  const share = (value - low) / (high - low)
  return heightPx * (1 - Math.min(1, Math.max(0, share)))
}

/**
 * Moves a pen over everything the sweep shows, by sample time. The pen is lifted where samples are missing and where the
 * sweep starts again at the left: a gap is never joined.
 */
export function drawTrace(source: TraceSource, sweep: Sweep, pen: Pen): void {
  const oldestMs = sweep.playheadMs - sweep.windowMs * (1 - ERASE_PX / Math.max(ERASE_PX + 1, sweep.widthPx))
  let lastMs = Number.NEGATIVE_INFINITY
  let lastX = Number.POSITIVE_INFINITY
  for (const run of source.runs) {
    if (runEndMs(run) < oldestMs || run.startMs > sweep.playheadMs) continue
    const first = Math.max(0, Math.ceil((oldestMs - run.startMs) / run.stepMs))
    for (let i = first; i < run.values.length; i++) {
      const tMs = run.startMs + i * run.stepMs
      if (tMs > sweep.playheadMs) return
      const value = run.values[i] as number
      if (Number.isNaN(value)) continue
      const x = sweepX(tMs, sweep)
      const joined = tMs - lastMs < 1.75 * run.stepMs && x >= lastX
      if (joined) pen.line(x, sweepY(value, sweep))
      else pen.move(x, sweepY(value, sweep))
      lastMs = tMs
      lastX = x
    }
  }
}

/** Smallest and largest value between two times; undefined when there is none. */
export function extent(source: TraceSource, fromMs: number, toMs: number): { low: number; high: number } | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const run of source.runs) {
    if (runEndMs(run) < fromMs || run.startMs > toMs) continue
    for (let i = Math.max(0, Math.ceil((fromMs - run.startMs) / run.stepMs)); i < run.values.length; i++) {
      if (run.startMs + i * run.stepMs > toMs) break
      const value = run.values[i] as number
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low <= high ? { low, high } : undefined
}
