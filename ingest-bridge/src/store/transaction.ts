import { coreSignals, AppError, type Clock } from '@vigil/contract'
import type { DeadItem, Item, SampleItem, StorableItem } from '../pipeline/item.ts'
import { type Bucket, type DirtyMarks, type MarkTicket, minuteOf } from '../rollup/dirty-marks.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Connection, Database } from './connection.ts'
import { appendToFeed, IS_FED } from './feed-writer.ts'
import type { Grouped, Group } from './groups.ts'
import type { Ledger } from './ledger.ts'
import { copySamples, encodeSampleRows, type SampleRow } from './sample-rows.ts'
import { type DeadRow, type EventRow, insertDeadLetters, insertEvents } from './side-rows.ts'

/** A transaction that relies on roll-up marks of others must not commit later than this after it looked at them. */
const LONGEST_RELIANCE_MS = 60_000

const MARK = `
insert into rollup_dirty (bucket, device_no, bridge)
select to_timestamp(b.at / 1000), b.device_no, $3 from unnest($1::float8[], $2::int[]) as b (at, device_no)
order by b.at, b.device_no
on conflict (bucket, device_no, bridge) do update set marked_at = now()`

export interface TransactionParts {
  readonly database: Database
  readonly ledger: Ledger
  readonly marks: DirtyMarks
  readonly clock: Clock
  readonly bridgeId: string
}

export interface Written {
  readonly samples: readonly SampleItem[]
  readonly events: number
  readonly gaps: number
  readonly dead: readonly DeadItem[]
  /** Items whose number the ledger already had. */
  readonly known: number
}

/** One batch, one transaction: the ledger takes the numbers, the rows follow, COMMIT. */
export function createTransaction({ database, ledger, marks, clock, bridgeId }: TransactionParts): (grouped: Grouped, unnumbered: readonly DeadRow[]) => Promise<Written> {
  const writer = new ByteWriter()

  return ({ groups }, unnumbered) =>
    database.use(async (connection) => {
      const beganAt = clock.monotonic()
      const { known, asked: [feed] } = await ledger.begin(connection, IS_FED, groups)
      const sorted = sortOut(groups, unnumbered)
      const ticket = marks.begin(bucketsOf(sorted.samples))
      await mark(connection, ticket)
      await insertEvents(connection, sorted.events)
      await insertDeadLetters(connection, sorted.dead)
      if (feed?.['wanted'] === true) await appendToFeed(connection, sorted.fed)
      if (ticket.relies && clock.monotonic() - beganAt > LONGEST_RELIANCE_MS) throw new AppError('DATABASE_AWAY', 'The transaction took too long to be sure of its roll-up marks; it is tried again.')
      if (sorted.samples.length > 0) await connection.copyAndCommit(copySamples, encodeSampleRows(sorted.samples, writer))
      else await connection.commit()
      ticket.committed()
      return { samples: sorted.samples.map((row) => row.item), events: sorted.events.length, gaps: sorted.gaps, dead: sorted.dead.map((row) => row.item), known }
    })

  async function mark(connection: Connection, { toMark }: MarkTicket): Promise<void> {
    if (toMark.length === 0) return
    await connection.query({ name: 'mark', text: MARK, values: [toMark.map((b) => b.at), toMark.map((b) => b.deviceNo), bridgeId] })
  }
}

interface Sorted {
  readonly samples: SampleRow[]
  readonly events: EventRow[]
  readonly dead: DeadRow[]
  /** All that is stored as what it claims to be, in order: what consumers are told of. */
  readonly fed: StorableItem[]
  gaps: number
}

function sortOut(groups: readonly Group[], unnumbered: readonly DeadRow[]): Sorted {
  const sorted: Sorted = { samples: [], events: [], dead: [...unnumbered], fed: [], gaps: 0 }
  for (const { fresh, deviceNo, ledgerNo } of groups) {
    for (const item of fresh) place(item, { deviceNo, ledgerNo }, sorted)
  }
  return sorted
}

function place(item: Item, at: { deviceNo: number; ledgerNo: number }, sorted: Sorted): void {
  if (item.kind !== 'dead') sorted.fed.push(item)
  if (item.kind === 'sample') sorted.samples.push({ item, ...at })
  else if (item.kind === 'event') sorted.events.push({ item, ...at })
  else if (item.kind === 'dead') sorted.dead.push({ item, deviceNo: at.deviceNo })
  else sorted.gaps++
}

/** Minutes whose roll-ups change: those of samples with a value that has a column. */
function* bucketsOf(rows: readonly SampleRow[]): Generator<Bucket> {
  let last: Bucket | undefined
  for (const { item, deviceNo } of rows) {
    const at = minuteOf(item.t)
    // Rows come device by device, and many of one minute in a row.
    if ((last?.at === at && last.deviceNo === deviceNo) || !coreSignals.some((name) => item.values[name] !== undefined)) continue
    last = { at, deviceNo }
    yield last
  }
}
