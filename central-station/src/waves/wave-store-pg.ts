import { framesOf, LONGEST_WAVE_FRAME_MS, storedWaveChannels, WAVE_BLOCK_MS, type WaveChannel, type WaveFrame } from '@vigil/contract'
import type { Database } from '../db/database.ts'
import type { Span } from '../history/spans.ts'
import { iso } from '../iso.ts'

/** Port: waveforms that were kept. */
export interface WaveStore {
  /** Frames that may reach into the span, in no order. */
  frames(span: Span, channel: WaveChannel): Promise<readonly WaveFrame[]>
}

/** A frame belongs to the ten seconds in which it begins, and may reach beyond them. */
const REACH_MS = WAVE_BLOCK_MS + LONGEST_WAVE_FRAME_MS

export function createWaveStore(database: Database): WaveStore {
  return {
    async frames({ deviceNo, fromMs, toMs }, channel) {
      const rows = await database.query<{ frames: Buffer }>('select frames from waveform where device_no = $1 and channel = $2 and t > $3 and t < $4 order by t', [
        deviceNo,
        storedWaveChannels.indexOf(channel),
        iso(fromMs - REACH_MS),
        iso(toMs),
      ])
      return rows.flatMap(({ frames }) => [...framesOf(frames)])
    },
  }
}
