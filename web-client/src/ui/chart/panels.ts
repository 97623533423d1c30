import { signalByName } from '@vigil/contract/catalogue'
import { groupOf, type SignalGroup } from '../vital-signals.ts'

/** One strip of a trend: signals that share a meaning and a scale. */
export interface TrendPanel {
  readonly key: string
  readonly signals: readonly string[]
  /** The same bottom and top for every patient and every day: a shape means the same wherever it is seen. */
  readonly low: number
  readonly high: number
  /** Between two lines of the grid. */
  readonly step: number
}

type Scale = readonly [low: number, high: number, step: number]

const scales: Readonly<Record<SignalGroup, Scale>> = {
  heart: [30, 180, 30],
  oxygen: [70, 100, 10],
  breath: [0, 50, 10],
  temperature: [34, 41, 1],
  pressure: [-10, 40, 10],
  other: [0, 100, 25],
}

const bloodPressure = new Set(['sys', 'dia', 'map', 'asys', 'adia', 'amap'])

function panelKey(signal: string): string {
  if (bloodPressure.has(signal)) return 'blood-pressure'
  const group = groupOf(signal)
  return group === 'other' || signal === 'pi' ? signal : group
}

function scaleOf(key: string, signal: string): Scale {
  if (key === 'blood-pressure') return [20, 240, 40]
  if (key !== signal) return scales[groupOf(signal)]
  const [low, high] = signalByName(signal)?.plausible ?? [0, 100]
  const step = roundStep((high - low) / 4)
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step, step]
}

/** The nearest of 1, 2, 2.5, 5 and their tenfolds from below: lines of a grid stand at numbers people read. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted))
  return power * ([5, 2.5, 2].find((of) => of * power <= wanted) ?? 1)
}

/** Signals in their strips, in the order of the ward's habit: heart, oxygen, breathing, temperature, pressures, the rest. */
export function panelsOf(signals: readonly string[]): TrendPanel[] {
  const panels = new Map<string, { signals: string[]; scale: Scale }>()
  const order = (signal: string) => ['heart', 'oxygen', 'breath', 'temperature', 'pressure', 'other'].indexOf(groupOf(signal)) * 100 + (signalByName(signal)?.code ?? 99)
  for (const signal of [...signals].sort((a, b) => order(a) - order(b))) {
    const key = panelKey(signal)
    const panel = panels.get(key) ?? { signals: [], scale: scaleOf(key, signal) }
    panel.signals.push(signal)
    panels.set(key, panel)
  }
  return [...panels].map(([key, { signals, scale }]) => ({ key, signals, low: scale[0], high: scale[1], step: scale[2] }))
}
