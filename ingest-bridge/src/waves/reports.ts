import type { DatabaseWatch } from '../database-watch.ts'
import type { BridgeMetrics } from '../metrics.ts'
import type { WaveLaneOptions } from './wave-lane.ts'

/** What becomes of waveform frames, as figures. */
export function waveReports({ waves, wavesDropped }: BridgeMetrics, watch: DatabaseWatch): Pick<WaveLaneOptions, 'onStored' | 'onKnown' | 'onDrop' | 'onFailure'> {
  return {
    onStored: (frames) => waves.labels('stored').inc(frames),
    onKnown: (frames) => waves.labels('known').inc(frames),
    onDrop: (why, frames) => wavesDropped.labels(why).inc(frames),
    onFailure: watch.failed,
  }
}
