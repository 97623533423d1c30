import { type Range, rangesContain, rangesOf } from '@vigil/contract'
import { expect } from 'vitest'
import { parseMultirange } from '../../src/store/multirange.ts'
import type { TestDatabase } from './database.ts'

export interface StoredEpoch {
  readonly got: readonly Range[]
  readonly lost: readonly Range[]
  /** Numbers of rows, in order, one entry per row. */
  readonly samples: readonly number[]
  readonly events: readonly number[]
  readonly dead: readonly number[]
}

/** Everything the database holds of one device's epoch. */
export async function storedOf(database: TestDatabase, device: string, epoch: string): Promise<StoredEpoch> {
  const numbers = async (text: string): Promise<number[]> => (await database.query<{ s: string }>(text, [device, epoch])).map((row) => Number(row.s))
  const [ledger] = await database.query<{ got: string; lost: string }>(
    'select l.got::text, l.lost::text from ledger l join device d on d.no = l.device_no where d.id = $1 and l.epoch = $2',
    [device, epoch],
  )
  const join = 'join ledger l on l.no = r.ledger_no join device d on d.no = l.device_no and d.no = r.device_no where d.id = $1 and l.epoch = $2 order by r.seq'
  return {
    got: parseMultirange(ledger?.got ?? ''),
    lost: parseMultirange(ledger?.lost ?? ''),
    samples: await numbers(`select r.seq as s from sample r ${join}`),
    events: await numbers(`select r.seq as s from device_event r ${join}`),
    dead: await numbers('select x.seq as s from dead_letter x join device d on d.no = x.device_no where d.id = $1 and x.epoch = $2 order by x.seq'),
  }
}

/** Numbers a list of receipts calls committed and that are not in the database. */
export function promisedButMissing(receipts: readonly { e: string; upto: number; have?: Range[] | undefined }[], epoch: string, stored: StoredEpoch): number[] {
  const there = [...stored.got, ...stored.lost].sort((a, b) => a[0] - b[0])
  const missing = new Set<number>()
  for (const { e, upto, have = [] } of receipts) {
    if (e !== epoch) continue
    for (const [from, to] of [...(upto > 0 ? [[1, upto] as const] : []), ...have]) {
      for (let n = from; n <= to; n++) if (!rangesContain(there, n)) missing.add(n)
    }
  }
  return [...missing]
}

/** The device's epoch is exactly these numbers, each one row, and no receipt says more. */
export async function holdsExactly(database: TestDatabase, receipts: Parameters<typeof promisedButMissing>[0], device: string, epoch: string, numbers: readonly number[]): Promise<void> {
  const stored = await storedOf(database, device, epoch)
  expect(stored.samples).toEqual(numbers)
  expect(stored.got).toEqual(rangesOf(numbers))
  expect(promisedButMissing(receipts, epoch, stored)).toEqual([])
}
