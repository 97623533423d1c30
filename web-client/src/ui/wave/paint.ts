import { drawTrace, ERASE_PX, sweepX, type Sweep, type TraceSource } from './trace.ts'
import type { Skip } from './player.ts'

export interface Look {
  /** Name of the CSS variable that holds the colour. */
  readonly ink: string
  readonly width: number
  readonly skips: readonly Skip[]
  readonly skipText: (ms: number) => string
}

/** Room above and below, so that a thick line at the edge of the scale is not cut. */
const PADDING_PX = 6

/** Draws one sweep onto a canvas, sharp on any screen density. */
export function paintTrace(ctx: CanvasRenderingContext2D, source: TraceSource, sweep: Sweep, look: Look): void {
  const { canvas } = ctx
  const density = globalThis.devicePixelRatio || 1
  const [w, h] = [Math.round(sweep.widthPx * density), Math.round(sweep.heightPx * density)]
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h })
  const style = getComputedStyle(canvas)
  ctx.setTransform(density, 0, 0, density, 0, 0)
  ctx.clearRect(0, 0, sweep.widthPx, sweep.heightPx)
  paintSkips(ctx, sweep, look, style.getPropertyValue('--text-2'), style.fontFamily)

  ctx.strokeStyle = style.getPropertyValue(look.ink)
  ctx.lineWidth = look.width
  ctx.lineJoin = 'round'
  ctx.beginPath()
  const inner = { ...sweep, heightPx: sweep.heightPx - 2 * PADDING_PX }
  drawTrace(source, inner, { move: (x, y) => ctx.moveTo(x, y + PADDING_PX), line: (x, y) => ctx.lineTo(x, y + PADDING_PX) })
  ctx.stroke()
}

/** A jump to live is marked where it happened, for as long as that part of the sweep is on the screen. */
function paintSkips(ctx: CanvasRenderingContext2D, sweep: Sweep, look: Look, colour: string, font: string): void {
  ctx.strokeStyle = ctx.fillStyle = colour
  ctx.lineWidth = 1
  ctx.font = `11px ${font}`
  ctx.setLineDash([3, 3])
  const eraseMs = (ERASE_PX / sweep.widthPx) * sweep.windowMs
  for (const skip of look.skips) {
    if (skip.toMs < sweep.playheadMs - sweep.windowMs + eraseMs || skip.toMs > sweep.playheadMs) continue
    const x = sweepX(skip.toMs, sweep)
    ctx.beginPath()
    ctx.moveTo(x, 0)
    ctx.lineTo(x, sweep.heightPx)
    ctx.stroke()
    ctx.fillText(look.skipText(skip.toMs - skip.fromMs), x + 4, 11)
  }
  ctx.setLineDash([])
}
