import { AppError } from '@vigil/contract'
import { mergeRows, sameRows } from '@vigil/contract/segments/segment-order'
import { packSegment, type SegmentRows, SEGMENT_HOUR_MS, unpackSegment } from '@vigil/contract/segments/segment'
import type { Connection } from '../store/connection.ts'
import { DERIVED_LOCK } from '../store/derived-lock.ts'
import { type DeviceHour, lockSegment, writeSegment } from './segment-pg.ts'
import { noRows, TAKEN, TakenRows } from './taken-rows.ts'

/** Rows of one device and hour that are due, in one partition of `sample`. */
export interface DueHour extends DeviceHour {
  readonly partition: string
  /** Rows measured before this move, ms since the Unix epoch; the later ones of the hour stay. */
  readonly untilMs: number
}

// Each program that makes something from samples holds this while it reads them, so nobody meets a row on its way.
const BEGIN = `begin; set local synchronous_commit = off; select pg_advisory_xact_lock(${DERIVED_LOCK})`

/**
 * Moves the rows of some hours into their segments, all or none of them: they are taken out, joined with what the segment holds
 * already, packed, unpacked again and compared, written. A crash at any point leaves them where they were. Late rows come the
 * same way again. Nobody waits for the disk: were the commit lost, so would be the taking out.
 * @throws AppError `SEGMENT_NOT_EXACT` when what was packed does not come back as it was; nothing has changed then.
 */
export async function closeHours(connection: Connection, hours: readonly DueHour[]): Promise<number> {
  await connection.query({ text: BEGIN })
  let moved = 0
  for (const hour of hours) moved += await closeHour(connection, hour)
  await connection.commit()
  return moved
}

async function closeHour(connection: Connection, hour: DueHour): Promise<number> {
  const taken = await takeRows(connection, hour)
  if (taken.t.length === 0) return 0
  const held = (await lockSegment(connection, hour)) ?? noRows
  const rows = mergeRows(held, taken)
  const packed = packSegment(rows, hour.hourMs)
  if (packed.n !== held.t.length + taken.t.length || !sameRows(unpackSegment(packed, hour.hourMs), rows)) {
    throw new AppError('SEGMENT_NOT_EXACT', 'What was packed does not come back as it was; the hour stays as it is.')
  }
  await writeSegment(connection, hour, rows, packed)
  return taken.t.length
}

async function takeRows(connection: Connection, { partition, deviceNo, hourMs, untilMs }: DueHour): Promise<SegmentRows> {
  const taken = new TakenRows()
  const until = Math.min(untilMs, hourMs + SEGMENT_HOUR_MS)
  // COPY knows no parameters; these are numbers of ours and a name from the catalogue.
  await connection.copyOut(
    `copy (delete from "${partition}" where device_no = ${deviceNo} and t >= to_timestamp(${hourMs / 1_000}) and t < to_timestamp(${until / 1_000}) returning ${TAKEN}) to stdout (format binary)`,
    (fields) => taken.add(fields),
  )
  return taken.rows()
}
