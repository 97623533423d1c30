import { framesOf, LONGEST_WAVE_FRAME_MS, storedWaveChannels, WAVE_BLOCK_MS, type WaveChannel, type WaveFrame } from '@vigil/contract'
import { type Database, one } from '../../db/database.ts'
import type { Span } from '../../history/spans.ts'
import { iso } from '../../iso.ts'

/** A frame belongs to the ten seconds in which it begins, and may reach beyond them. */
const REACH_MS = WAVE_BLOCK_MS + LONGEST_WAVE_FRAME_MS

/** Blocks that may hold samples of the span, each with its frames. */
export async function readWaveBlocks(database: Database, { deviceNo, fromMs, toMs }: Span, channel: WaveChannel): Promise<readonly (readonly WaveFrame[])[]> {
  const rows = await database.query<{ frames: Buffer }>('select frames from waveform where device_no = $1 and channel = $2 and t > $3 and t < $4 order by t', [deviceNo, storedWaveChannels.indexOf(channel), iso(fromMs - REACH_MS), iso(toMs)])
  return rows.map(({ frames }) => [...framesOf(frames)])
}

/** A time not later than the first sample of the spans, or backwards not earlier than the first sample of the last block. */
export async function readWaveEdge(database: Database, spans: readonly Span[], channels: readonly WaveChannel[], descending: boolean): Promise<number | undefined> {
  if (spans.length === 0 || channels.length === 0) return undefined
  const pick = descending ? `max(least(w.b - interval '1 millisecond', f.t + interval '${REACH_MS} milliseconds'))` : 'min(greatest(w.a, f.t))'
  const row = await one<{ ms: number | null }>(
    database,
    `select date_part('epoch', ${pick}) * 1000 as ms from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) as w(device_no, a, b) cross join unnest($4::int[]) as c(channel)
     join lateral (select t from waveform v where v.device_no = w.device_no and v.channel = c.channel and v.t > w.a - interval '${REACH_MS} milliseconds' and v.t < w.b order by t ${descending ? 'desc' : 'asc'} limit 1) f on true`,
    [spans.map((span) => span.deviceNo), spans.map((span) => iso(span.fromMs)), spans.map((span) => iso(span.toMs)), channels.map((channel) => storedWaveChannels.indexOf(channel))],
  )
  return row?.ms === null || row === undefined ? undefined : Math.round(row.ms)
}
