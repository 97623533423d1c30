import { drawTrace, ERASE_PX, oldestShownMs, sweepX, type Sweep, type TraceSource } from './trace.ts'
import type { Skip } from './player.ts'

export interface Look {
  /** Colours and font as the page has them now. */
  readonly ink: string
  readonly note: string
  readonly font: string
  readonly width: number
  readonly skips: readonly Skip[]
  readonly skipText: (ms: number) => string
}

export interface Painter {
  /** Draws the sweep: what is new since the last time, or all of it when anything else changed. */
  paint(source: TraceSource, sweep: Sweep, look: Look): void
}

/** Room above and below, so that a thick line at the edge of the scale is not cut. */
const PADDING_PX = 6
/** The line of the last picture ends in the middle of a pixel: the next begins a little before it, so that no seam is seen. */
const OVERLAP_PX = 2
/** A playhead that moved further than this since the last picture did not run: it jumped, or the page slept. */
const LONGEST_STRIP_MS = 1_000

/**
 * Paints a sweep onto a canvas, sharp on any screen density. A running trace costs a strip a few pixels wide: everything left of the
 * playhead stays as it is, and the blank space moves on ahead of it.
 */
export function createPainter(ctx: CanvasRenderingContext2D): Painter {
  let last: Picture | undefined

  return {
    paint(source, sweep, look) {
      const density = globalThis.devicePixelRatio || 1
      const now: Picture = { source, sweep, density, look: `${look.ink} ${look.note} ${look.font} ${look.width}`, isMarked: look.skips.some((skip) => isShown(skip, sweep)) }
      if (!last || !goesOn(last, now)) paintAll(ctx, source, sweep, look, density)
      else if (sweep.playheadMs > last.sweep.playheadMs) paintStrip(ctx, source, sweep, look, last.sweep.playheadMs)
      last = now
    },
  }
}

/** What a picture was painted from. */
interface Picture {
  readonly source: TraceSource
  readonly sweep: Sweep
  readonly density: number
  readonly look: string
  /** A jump stands in it, with words that reach over the blank space. */
  readonly isMarked: boolean
}

function goesOn(last: Picture, now: Picture): boolean {
  const isSame = last.source === now.source && last.density === now.density && last.look === now.look && isSameSweep(last.sweep, now.sweep)
  const ranMs = now.sweep.playheadMs - last.sweep.playheadMs
  return isSame && !last.isMarked && !now.isMarked && ranMs >= 0 && ranMs < LONGEST_STRIP_MS
}

function isSameSweep(a: Sweep, b: Sweep): boolean {
  return a.widthPx === b.widthPx && a.heightPx === b.heightPx && a.windowMs === b.windowMs && a.low === b.low && a.high === b.high
}

function paintAll(ctx: CanvasRenderingContext2D, source: TraceSource, sweep: Sweep, look: Look, density: number): void {
  const { canvas } = ctx
  const [w, h] = [Math.round(sweep.widthPx * density), Math.round(sweep.heightPx * density)]
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h })
  ctx.setTransform(density, 0, 0, density, 0, 0)
  ctx.clearRect(0, 0, sweep.widthPx, sweep.heightPx)
  paintSkips(ctx, sweep, look)
  stroke(ctx, source, sweep, look)
}

function paintStrip(ctx: CanvasRenderingContext2D, source: TraceSource, sweep: Sweep, look: Look, sinceMs: number): void {
  const pxPerMs = sweep.widthPx / sweep.windowMs
  const from = sweepX(sinceMs, sweep) + ERASE_PX
  // Whole pixels: a half-cleared one would keep a ghost of the old line.
  clear(ctx, sweep, Math.floor(from) - 1, Math.ceil(from + (sweep.playheadMs - sinceMs) * pxPerMs))
  stroke(ctx, source, sweep, look, sinceMs - OVERLAP_PX / pxPerMs)
}

/** From one place of the sweep to another, over its right edge where it must. */
function clear(ctx: CanvasRenderingContext2D, { widthPx, heightPx }: Sweep, from: number, to: number): void {
  ctx.clearRect(from, 0, to - from, heightPx)
  if (to > widthPx) ctx.clearRect(from - widthPx, 0, to - from, heightPx)
}

function stroke(ctx: CanvasRenderingContext2D, source: TraceSource, sweep: Sweep, look: Look, fromMs?: number): void {
  ctx.strokeStyle = look.ink
  ctx.lineWidth = look.width
  ctx.lineJoin = 'round'
  ctx.beginPath()
  const inner = { ...sweep, heightPx: sweep.heightPx - 2 * PADDING_PX }
  drawTrace(source, inner, { move: (x, y) => ctx.moveTo(x, y + PADDING_PX), line: (x, y) => ctx.lineTo(x, y + PADDING_PX) }, fromMs)
  ctx.stroke()
}

const isShown = (skip: Skip, sweep: Sweep): boolean => skip.toMs >= oldestShownMs(sweep) && skip.toMs <= sweep.playheadMs

/** A jump to live is marked where it happened, for as long as that part of the sweep is on the screen. */
function paintSkips(ctx: CanvasRenderingContext2D, sweep: Sweep, look: Look): void {
  ctx.strokeStyle = ctx.fillStyle = look.note
  ctx.lineWidth = 1
  ctx.font = `11px ${look.font}`
  ctx.setLineDash([3, 3])
  for (const skip of look.skips.filter((one) => isShown(one, sweep))) {
    const x = sweepX(skip.toMs, sweep)
    ctx.beginPath()
    ctx.moveTo(x, 0)
    ctx.lineTo(x, sweep.heightPx)
    ctx.stroke()
    ctx.fillText(look.skipText(skip.toMs - skip.fromMs), x + 4, 11)
  }
  ctx.setLineDash([])
}
