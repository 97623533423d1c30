import { mergeRows } from '@vigil/contract/segments/segment-order'
import type { SegmentRows } from '@vigil/contract/segments/segment'
import { expect } from 'vitest'
import { type DeviceHour, segmentsTouching } from '../../src/closing/segment-pg.ts'
import { noRows, TAKEN, TakenRows } from '../../src/closing/taken-rows.ts'
import { createConnection, type Database } from '../../src/store/connection.ts'
import type { TestDatabase } from './database.ts'

/** A table beside `sample` that gets every row that ever goes in, and that nobody closes. */
export async function keepShadow(database: TestDatabase): Promise<void> {
  await database.query('create table shadow (like sample)')
  await database.query(`create function to_shadow() returns trigger language plpgsql as $$ begin insert into shadow select new.*; return new; end $$`)
  await database.query('create trigger to_shadow after insert on sample for each row execute function to_shadow()')
}

/** Every row of a device that stands in `sample`, and in its segments. */
export async function rowsOf(database: TestDatabase, deviceNo: number): Promise<{ open: SegmentRows; closed: SegmentRows; shadow: SegmentRows }> {
  const side = createConnection({ url: database.url, name: 'test' })
  const hours = await database.query<{ ms: number }>('select extract(epoch from hour)::float8 * 1000 as ms from segment where device_no = $1 order by hour', [deviceNo])
  const minutes = hours.flatMap(({ ms }) => Array.from({ length: 60 }, (_, i) => ({ at: ms + i * 60_000, deviceNo })))
  let closed = noRows
  for (const { rows } of await side.use((connection) => segmentsTouching(connection, minutes))) closed = mergeRows(closed, rows)
  const found = { open: await read(side, 'sample', deviceNo), closed, shadow: await read(side, 'shadow', deviceNo) }
  await side.close()
  return found
}

/** Says whether everything ever stored is there once, in the one place or the other. */
export async function expectWhole(database: TestDatabase, deviceNo: number): Promise<{ open: number; closed: number }> {
  const { open, closed, shadow } = await rowsOf(database, deviceNo)
  expect(mergeRows(open, closed)).toEqual(shadow)
  return { open: open.t.length, closed: closed.t.length }
}

async function read(side: Database, table: string, deviceNo: number): Promise<SegmentRows> {
  const taken = new TakenRows()
  await side.use((connection) => connection.copyOut(`copy (select ${TAKEN} from ${table} where device_no = ${deviceNo}) to stdout (format binary)`, (fields) => taken.add(fields)))
  return taken.rows()
}

export type { DeviceHour }
