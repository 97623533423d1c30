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

/** Oldest time the sweep still shows: the rest of its width is the blank space ahead. */
export const oldestShownMs = ({ playheadMs, windowMs: w, widthPx }: Pick<Sweep, 'playheadMs' | 'windowMs' | 'widthPx'>): number => playheadMs - w * (1 - ERASE_PX / Math.max(ERASE_PX + 1, widthPx))

/**
 * Moves a pen over what the sweep shows, or over what it shows since `fromMs`, by sample time. Between two samples that follow each
 * other the line is drawn as far as the time has come. The pen is lifted where samples are missing and where the sweep starts again
 * at the left: a gap is never joined.
 */
export function drawTrace(source: TraceSource, sweep: Sweep, pen: Pen, fromMs = oldestShownMs(sweep)): void {
  const line = createLine(sweep, pen, fromMs)
  for (const run of source.runs) {
    // One sample before the first is needed, to draw the line from there.
    if (runEndMs(run) + JOINED_STEPS * run.stepMs < fromMs || run.startMs > sweep.playheadMs + JOINED_STEPS * run.stepMs) continue
    for (let i = Math.max(0, Math.floor((fromMs - run.startMs) / run.stepMs) - 1); i < run.values.length; i++) {
      const tMs = run.startMs + i * run.stepMs
      line.sample(tMs, run.values[i] as number, run.stepMs)
      if (tMs >= sweep.playheadMs) return
    }
  }
}

/** Samples further apart than this many steps do not belong together. */
const JOINED_STEPS = 1.75

function createLine(sweep: Sweep, pen: Pen, fromMs: number) {
  const lineTo = (tMs: number, value: number) => pen.line(sweepX(tMs, sweep), sweepY(value, sweep))
  const moveTo = (tMs: number, value: number) => pen.move(sweepX(tMs, sweep), sweepY(value, sweep))
  const lap = (tMs: number) => Math.floor(tMs / sweep.windowMs)
  let last: { tMs: number; value: number } | undefined
  let isDown = false

  /** The part of one stretch between two samples that lies in the time that is drawn. */
  function stretch(from: { tMs: number; value: number }, tMs: number, value: number): void {
    const at = (ms: number) => from.value + ((value - from.value) * (ms - from.tMs)) / (tMs - from.tMs)
    const [start, end] = [Math.max(from.tMs, fromMs), Math.min(tMs, sweep.playheadMs)]
    if (start > end || lap(start) !== lap(end)) return void (isDown = false)
    if (!isDown) moveTo(start, at(start))
    lineTo(end, at(end))
    isDown = true
  }

  return {
    sample(tMs: number, value: number, stepMs: number): void {
      if (Number.isNaN(value)) return
      if (last && tMs - last.tMs < JOINED_STEPS * stepMs) stretch(last, tMs, value)
      else isDown = false
      // The first of a line, with nothing before it to come from.
      if (!isDown && tMs >= fromMs && tMs <= sweep.playheadMs) {
        moveTo(tMs, value)
        isDown = true
      }
      last = { tMs, value }
    },
  }
}

/** Whether any run reaches into the time between. */
export const hasSamples = ({ runs }: TraceSource, fromMs: number, toMs: number): boolean => runs.some((run) => runEndMs(run) > fromMs && run.startMs <= toMs)

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
