import type { Plugin } from 'chart.js'

/** A range that is being dragged, or was. */
export interface Brush {
  readonly fromMs: number
  readonly toMs: number
}

/** A hand that trembles while it presses does not zoom. */
const LEAST_PX = 8
/** Less than this is widened about its middle: a chart of a few points says nothing. */
const LEAST_MS = 30_000

/** The range between where a press began and where it is now, in time order; undefined while it has not moved far enough to mean one. */
export function brushBetween(from: { px: number; ms: number }, to: { px: number; ms: number }): Brush | undefined {
  if (Math.abs(to.px - from.px) < LEAST_PX) return undefined
  return { fromMs: Math.min(from.ms, to.ms), toMs: Math.max(from.ms, to.ms) }
}

/** What a brush asks for, inside what is shown. */
export function zoomOf({ fromMs, toMs }: Brush, shown: Brush): Brush {
  const lack = Math.max(0, LEAST_MS - (toMs - fromMs)) / 2
  return { fromMs: Math.round(Math.max(shown.fromMs, fromMs - lack)), toMs: Math.round(Math.min(shown.toMs, toMs + lack)) }
}

/** The dragged range: its edges as lines, what is inside shaded. */
export function brushPlugin({ brush, colour }: { readonly brush: () => Brush | undefined; readonly colour: () => string }): Plugin<'line'> {
  return {
    id: 'brush',
    afterDatasetsDraw(chart) {
      const held = brush()
      const x = chart.scales['x']
      if (!held || !x) return
      const { ctx } = chart
      const { left, right, top, bottom } = chart.chartArea
      const from = Math.max(left, x.getPixelForValue(held.fromMs))
      const to = Math.min(right, x.getPixelForValue(held.toMs))
      ctx.save()
      ctx.fillStyle = ctx.strokeStyle = colour()
      ctx.globalAlpha = 0.18
      ctx.fillRect(from, top, to - from, bottom - top)
      ctx.globalAlpha = 1
      ctx.strokeRect(from, top, to - from, bottom - top)
      ctx.restore()
    },
  }
}
