import type { ChartConfiguration, ChartDataset, Plugin } from 'chart.js'
import type { Lines, XY } from './series.ts'
import { timeTicks } from './time-ticks.ts'

/** One signal of a strip, ready to be drawn. */
export interface DrawnSeries {
  readonly label: string
  readonly lines: Lines
  readonly colour: string
  readonly bandColour: string
  readonly dash: readonly number[]
}

export interface ChartLook {
  readonly fromMs: number
  readonly toMs: number
  readonly low: number
  readonly high: number
  readonly step: number
  readonly grid: string
  readonly text: string
  readonly font: string
  readonly timeLabel: (ms: number) => string
  readonly valueLabel: (value: number) => string
}

/** A finger's width of room per time label. */
const TICK_PX = 90

/** Min-max band with the mean over it. Nothing is smoothed, nothing is joined over a gap, the scale never adapts itself. */
export function datasetsOf(series: readonly DrawnSeries[]): ChartDataset<'line', XY[]>[] {
  return series.flatMap(({ label, lines, colour, bandColour, dash }) => {
    const plain = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, spanGaps: false as const, tension: 0 }
    const mean: ChartDataset<'line', XY[]> = { ...plain, label, data: lines.mean, borderColor: colour, borderWidth: 1.75, borderDash: [...dash], fill: false }
    if (!lines.hasBand) return [mean]
    const low: ChartDataset<'line', XY[]> = { ...plain, label: `${label} min`, data: lines.min, fill: false }
    const high: ChartDataset<'line', XY[]> = { ...plain, label: `${label} max`, data: lines.max, fill: '-1', backgroundColor: bandColour }
    // Chart.js draws the first one last, so the mean lies on top; `-1` fills down to the minimum before it.
    return [mean, low, high]
  })
}

export function chartConfig(series: readonly DrawnSeries[], look: ChartLook, plugins: Plugin<'line'>[]): ChartConfiguration<'line', XY[]> {
  const tickFont = { family: look.font, size: 11 }
  return {
    type: 'line',
    data: { datasets: datasetsOf(series) },
    plugins,
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      events: [],
      layout: { padding: { right: 8 } },
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
      scales: {
        x: {
          type: 'linear',
          min: look.fromMs,
          max: look.toMs,
          grid: { color: look.grid },
          border: { color: look.grid },
          ticks: { color: look.text, font: tickFont, maxRotation: 0, autoSkip: false, callback: (value) => look.timeLabel(Number(value)) },
          afterBuildTicks: (axis) => {
            axis.ticks = timeTicks(look.fromMs, look.toMs, Math.max(2, Math.floor(axis.width / TICK_PX))).map((value) => ({ value }))
          },
        },
        y: {
          min: look.low,
          max: look.high,
          grid: { color: look.grid },
          border: { color: look.grid },
          // One width for every strip, so that the same moment stands above itself.
          afterFit: (axis) => {
            axis.width = 44
          },
          ticks: { color: look.text, font: tickFont, stepSize: look.step, autoSkip: false, callback: (value) => look.valueLabel(Number(value)) },
        },
      },
    },
  }
}
