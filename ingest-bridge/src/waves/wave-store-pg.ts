import type { Connection, Database } from '../store/connection.ts'
import { dayOf, type Partitions } from '../store/partitions.ts'
import type { HeldFrame, WaveBlock } from './wave-buffer.ts'

/** A block with the number of its device. */
export interface NumberedBlock extends WaveBlock {
  readonly deviceNo: number
}

export interface WavesWritten {
  readonly stored: number
  /** Frames that were there already. */
  readonly known: number
}

// As the ledger does it: one statement for all blocks; one that holds any of these frames already does not come back.
const TAKE = `
insert into waveform as w (device_no, channel, t, t0s, frames)
select b.device_no, b.channel, to_timestamp(b.t / 1000), b.t0s::int8[], b.frames
from unnest($1::int[], $2::smallint[], $3::float8[], $4::text[], $5::bytea[]) as b (device_no, channel, t, t0s, frames)
order by b.device_no, b.channel, b.t
on conflict (device_no, channel, t) do update set t0s = w.t0s || excluded.t0s, frames = w.frames || excluded.frames
where not (w.t0s && excluded.t0s)
returning device_no, channel, (extract(epoch from w.t) * 1000)::float8 as t`

const READ = `
select w.device_no, w.channel, (extract(epoch from w.t) * 1000)::float8 as t, w.t0s::text[] as t0s
from waveform w join unnest($1::int[], $2::smallint[], $3::float8[]) as b (device_no, channel, t)
  on w.device_no = b.device_no and w.channel = b.channel and w.t = to_timestamp(b.t / 1000)
order by 1, 2, 3 for update of w`

interface Row {
  readonly device_no: number
  readonly channel: number
  readonly t: number
}

/** Stores every frame of the blocks once, in one transaction. */
export async function storeWaves(database: Database, partitions: Partitions, blocks: readonly NumberedBlock[]): Promise<WavesWritten> {
  await partitions.ensure(blocks.map(({ t }) => dayOf(t)))
  return database.use(async (connection) => {
    await connection.query({ text: 'begin' })
    const left = await take(connection, blocks)
    let known = 0
    if (left.length > 0) {
      const held = await connection.query<Row & { t0s: string[] }>({ name: 'waves-read', text: READ, values: keyColumns(left) })
      const before = new Map(held.map((row) => [keyOf(row), new Set(row.t0s.map(Number))]))
      const fresh = left.map((block) => ({ ...block, frames: block.frames.filter(({ t0Us }) => !before.get(keyOf({ ...block, device_no: block.deviceNo }))?.has(t0Us)) }))
      known = framesIn(left) - framesIn(fresh)
      await take(connection, fresh.filter(({ frames }) => frames.length > 0))
    }
    await connection.commit()
    return { stored: framesIn(blocks) - known, known }
  })
}

/** Answers the blocks that were not taken: of them, some frame is there already. */
async function take(connection: Connection, blocks: readonly NumberedBlock[]): Promise<NumberedBlock[]> {
  if (blocks.length === 0) return []
  const values = [...keyColumns(blocks), blocks.map(({ frames }) => `{${frames.map(({ t0Us }) => t0Us).join(',')}}`), blocks.map(({ frames }) => joined(frames))]
  const taken = await connection.query<Row>({ name: 'waves-take', text: TAKE, values })
  const keys = new Set(taken.map(keyOf))
  return blocks.filter((block) => !keys.has(keyOf({ ...block, device_no: block.deviceNo })))
}

function keyColumns(blocks: readonly NumberedBlock[]): unknown[] {
  return [blocks.map(({ deviceNo }) => deviceNo), blocks.map(({ channel }) => channel), blocks.map(({ t }) => t)]
}

function keyOf({ device_no, channel, t }: Row): string {
  return `${device_no}/${channel}/${t}`
}

function joined(frames: readonly HeldFrame[]): Buffer {
  return Buffer.concat(frames.map(({ bytes }) => bytes))
}

function framesIn(blocks: readonly WaveBlock[]): number {
  return blocks.reduce((sum, { frames }) => sum + frames.length, 0)
}
