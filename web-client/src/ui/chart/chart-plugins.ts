import type { Chart, Plugin } from 'chart.js'
import type { ChartMark } from './marks.ts'

/** What the plugins of one chart look at, read anew at each drawing. */
export interface ChartOverlay {
  gaps(): readonly (readonly number[])[]
  cursorMs(): number | undefined
  marks(): readonly ChartMark[]
  markColour(): string
  hatchColour(): string
  cursorColour(): string
  /** Limits in force, one for each signal of the strip that has some. */
  limits(): readonly LimitBand[]
}

export interface LimitBand {
  readonly low?: number | undefined
  readonly high?: number | undefined
}

/** Width between hatch lines; the same picture as hatching elsewhere. */
const HATCH_PX = 9

/** Hatches the times without any sample, so that a gap is seen as a gap and not as a quiet stretch. */
export function gapPlugin(overlay: ChartOverlay): Plugin<'line'> {
  return {
    id: 'gaps',
    beforeDatasetsDraw(chart) {
      const { ctx } = chart
      for (const [from = 0, to = 0] of overlay.gaps()) {
        const area = rectangle(chart, from, to)
        if (area.width <= 0) continue
        ctx.save()
        ctx.beginPath()
        ctx.rect(area.left, area.top, area.width, area.height)
        ctx.clip()
        ctx.strokeStyle = overlay.hatchColour()
        ctx.lineWidth = 2
        ctx.beginPath()
        for (let x = area.left - area.height; x < area.left + area.width; x += HATCH_PX) {
          ctx.moveTo(x, area.top + area.height)
          ctx.lineTo(x + area.height, area.top)
        }
        ctx.stroke()
        ctx.restore()
      }
    },
  }
}

function rectangle(chart: Chart, fromMs: number, toMs: number) {
  const x = chart.scales['x']
  const { left, right, top, bottom } = chart.chartArea
  const from = Math.max(left, x?.getPixelForValue(fromMs) ?? left)
  const to = Math.min(right, x?.getPixelForValue(toMs) ?? right)
  return { left: from, top, width: to - from, height: bottom - top }
}

/** What lies between the limits in force is shaded, behind everything; a limit beyond the scale leaves no edge. */
export function limitsPlugin(overlay: ChartOverlay): Plugin<'line'> {
  return {
    id: 'limits',
    beforeDatasetsDraw(chart) {
      const { ctx } = chart
      const { top, bottom, left, right } = chart.chartArea
      const y = (value: number) => Math.min(bottom, Math.max(top, chart.scales['y']?.getPixelForValue(value) ?? top))
      ctx.save()
      ctx.fillStyle = overlay.hatchColour()
      ctx.globalAlpha = LIMIT_SHADE
      for (const { low, high } of overlay.limits()) {
        const [from, to] = [high === undefined ? top : y(high), low === undefined ? bottom : y(low)]
        if (to > from) ctx.fillRect(left, from, right - left, to - from)
      }
      ctx.restore()
    },
  }
}

const LIMIT_SHADE = 0.45
const ALARM_PX = 5
const NOTE_PX = 4

/** Alarms as triangles along the top, notes as bars along the bottom: told apart by place and shape, in the colour of text. */
export function marksPlugin(overlay: ChartOverlay): Plugin<'line'> {
  return {
    id: 'marks',
    afterDatasetsDraw(chart) {
      const { ctx } = chart
      const { top, bottom, left, right } = chart.chartArea
      ctx.save()
      ctx.fillStyle = overlay.markColour()
      for (const { kind, fromMs, toMs } of overlay.marks()) {
        const { left: x, width } = rectangle(chart, fromMs, toMs ?? fromMs)
        if (width < 0 || x < left || x > right) continue
        ctx.beginPath()
        if (kind === 'alarm') {
          ctx.moveTo(x - ALARM_PX, top)
          ctx.lineTo(x + ALARM_PX, top)
          ctx.lineTo(x, top + 1.6 * ALARM_PX)
        } else ctx.rect(x - NOTE_PX / 2, bottom - NOTE_PX, Math.max(NOTE_PX, width), NOTE_PX)
        ctx.fill()
      }
      ctx.restore()
    },
  }
}

/** A vertical line at the moment all strips of the page share. */
export function cursorPlugin(overlay: ChartOverlay): Plugin<'line'> {
  return {
    id: 'cursor',
    afterDatasetsDraw(chart) {
      const at = overlay.cursorMs()
      const x = at === undefined ? undefined : chart.scales['x']?.getPixelForValue(at)
      const { left, right, top, bottom } = chart.chartArea
      if (x === undefined || x < left || x > right) return
      const { ctx } = chart
      ctx.save()
      ctx.strokeStyle = overlay.cursorColour()
      ctx.lineWidth = 1
      ctx.beginPath()
      ctx.moveTo(x, top)
      ctx.lineTo(x, bottom)
      ctx.stroke()
      ctx.restore()
    },
  }
}
