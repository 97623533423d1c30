import type { WaveRun, Waveforms } from '@vigil/contract/api/waveforms'
import { measuredWave } from './waves.ts'

const HZ = 25
/** The record begins and ends with a break in it, ten seconds of each five minutes. */
const PERIOD_MS = 300_000
const BREAK = [150_000, 160_000] as const

/** Stored traces as the central station tells them: as measured, with one break in every five minutes. */
export function keptWaves(url: URL, nowMs: number, rate: number, device: string): Waveforms {
  const channel = url.searchParams.get('channel') as 'pleth_ir' | 'paw'
  const fromMs = Number(url.searchParams.get('from'))
  const toMs = Math.min(Number(url.searchParams.get('to')), nowMs)
  const runs: WaveRun[] = []
  const gaps: [number, number][] = []
  for (let period = Math.floor(fromMs / PERIOD_MS) * PERIOD_MS; period < toMs; period += PERIOD_MS) {
    for (const [from, to] of [[0, BREAK[0]], [BREAK[1], PERIOD_MS]] as const) {
      const [t, end] = [Math.max(fromMs, period + from), Math.min(toMs, period + to)]
      if (t < end) runs.push({ device, t, stepMs: 1_000 / HZ, values: Array.from({ length: Math.floor(((end - t) * HZ) / 1_000) }, (_, i) => measuredWave(channel, t + (i * 1_000) / HZ, rate)) })
    }
    if (period + BREAK[1] > fromMs && period + BREAK[0] < toMs) gaps.push([Math.max(fromMs, period + BREAK[0]), Math.min(toMs, period + BREAK[1])])
  }
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), channel, unit: channel === 'paw' ? 'cm[H2O]' : '1', resolution: 'raw', runs, gaps, devices: [device] }
}
