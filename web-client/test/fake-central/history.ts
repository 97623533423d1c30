import type { History } from '@vigil/contract/api/history'
import { signalByName } from '@vigil/contract/catalogue'
import { measured } from './ward.ts'

const HOUR = 3_600_000

/** A history answer: raw below an hour, minutes below two days, hours above; with one gap and one late stretch. */
export function historyOf(n: number, url: URL, nowMs: number, device: string): History {
  const toMs = timeOf(url.searchParams.get('to'), nowMs)
  const fromMs = timeOf(url.searchParams.get('from'), toMs - HOUR)
  const wanted = (url.searchParams.get('signals') ?? 'pr,spo2,rr,tskin,pip,peep').split(',').filter((s) => s in measured(n, 0))
  const span = toMs - fromMs
  const [resolution, bucketMs] = span <= 20 * 60_000 ? (['raw', 1_000] as const) : span <= 48 * HOUR ? (['1m', 60_000] as const) : (['1h', HOUR] as const)
  const gap: [number, number] = [Math.round(fromMs + span * 0.55), Math.round(fromMs + span * 0.59)]
  const times: number[] = []
  for (let t = Math.ceil(fromMs / bucketMs) * bucketMs; t < Math.min(toMs, nowMs); t += bucketMs) if (t < gap[0] || t > gap[1]) times.push(t)
  const spread: Record<string, number> = { pr: 4, spo2: 1.5, rr: 2, tskin: 0.1, pip: 0.8, peep: 0.4 }
  const expected = Math.max(0, Math.floor((Math.min(toMs, nowMs) - fromMs) / 1_000))
  const missing = Math.floor((gap[1] - gap[0]) / 1_000)
  return {
    from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), resolution, bucketMs,
    series: wanted.map((signal) => ({
      signal, unit: signalByName(signal)?.ucum ?? '', display: signalByName(signal)?.display ?? signal,
      points: times.map((t) => {
        const v = measured(n, t)[signal] ?? 0
        const s = (spread[signal] ?? 1) * (0.6 + 0.4 * Math.abs(Math.sin(t / 977_000)))
        return resolution === 'raw' ? [t, v] : [t, v - s, v, Math.min(signal === 'spo2' ? 100 : 400, v + s)]
      }),
    })),
    gaps: span > 0 ? [gap] : [], completeness: { expected, received: expected - missing, missing }, late: 312, devices: [device],
  }
}

function timeOf(text: string | null, otherwise: number): number {
  if (text === null) return otherwise
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text)
}
