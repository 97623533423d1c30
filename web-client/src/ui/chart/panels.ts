import { signalByName } from '@vigil/contract/catalogue'
import { groupOf, type SignalGroup } from '../vital-signals.ts'

/** One strip of a trend: signals that share a meaning and a scale. */
export interface TrendPanel {
  readonly key: string
  readonly signals: readonly string[]
  /** The same bottom and top for every patient and every day: a shape means the same wherever it is seen. */
  readonly low: number
  readonly high: number
}

const scales: Readonly<Record<SignalGroup, readonly [low: number, high: number]>> = {
  heart: [30, 180],
  oxygen: [70, 100],
  breath: [0, 50],
  temperature: [34, 41],
  pressure: [-5, 40],
  other: [0, 100],
}

const bloodPressure = new Set(['sys', 'dia', 'map', 'asys', 'adia', 'amap'])

function panelKey(signal: string): string {
  if (bloodPressure.has(signal)) return 'blood-pressure'
  const group = groupOf(signal)
  return group === 'other' || signal === 'pi' ? signal : group
}

function scaleOf(key: string, signal: string): readonly [number, number] {
  if (key === 'blood-pressure') return [20, 240]
  if (key === signal) return signalByName(signal)?.plausible ?? [0, 100]
  return scales[groupOf(signal)]
}

/** Signals in their strips, in the order of the ward's habit: heart, oxygen, breathing, temperature, pressures, the rest. */
export function panelsOf(signals: readonly string[]): TrendPanel[] {
  const panels = new Map<string, { signals: string[]; scale: readonly [number, number] }>()
  const order = (signal: string) => ['heart', 'oxygen', 'breath', 'temperature', 'pressure', 'other'].indexOf(groupOf(signal)) * 100 + (signalByName(signal)?.code ?? 99)
  for (const signal of [...signals].sort((a, b) => order(a) - order(b))) {
    const key = panelKey(signal)
    const panel = panels.get(key) ?? { signals: [], scale: scaleOf(key, signal) }
    panel.signals.push(signal)
    panels.set(key, panel)
  }
  return [...panels].map(([key, { signals, scale }]) => ({ key, signals, low: scale[0], high: scale[1] }))
}
