import { normaliseRanges, type Range, subtractRanges, unionRanges } from '@vigil/contract'
import type { Connection, Row } from './connection.ts'
import { coveredBy, FOLD_LIMITS, foldHead, type FoldLimits, type Head, within } from './fold.ts'
import { dropKnown, freshRanges, type Group, lostRanges } from './groups.ts'
import { type PagesRead, putPages, readPages, takeLate } from './ledger-pages.ts'
import { formatMultirange, parseMultirange } from './multirange.ts'

interface LedgerRow {
  no: number
  device_no: number
  epoch: string
  got: string
  lost: string
  folded: string
  upto: string
}

const COLUMNS = 'l.no, l.device_no, l.epoch, l.got::text, l.lost::text, l.folded, l.upto'

// Lock, check and merge at once, for the whole batch. A pair whose numbers overlap, or may stand in a page, is locked too, but does not come back.
const TAKE = `
insert into ledger as l (no, device_no, epoch, got, lost)
select coalesce(nullif(b.no, 0), nextval('ledger_no_seq')::int), b.device_no, b.epoch, b.got::int8multirange,
  case when b.lost = '{}' then '{}' else b.lost::int8multirange - b.got::int8multirange end
from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[]) as b (no, device_no, epoch, got, lost)
order by b.device_no, b.epoch collate "C"
on conflict (device_no, epoch) do update
set got = l.got + excluded.got, last_at = now(),
  lost = case when isempty(l.lost) and isempty(excluded.lost) then l.lost else (l.lost + excluded.lost) - (l.got + excluded.got) end
where not (l.got && excluded.got) and (l.folded = 0 or (lower(excluded.got) >= l.folded and (isempty(excluded.lost) or lower(excluded.lost) >= l.folded)))
returning ${COLUMNS}`

// Reads what the statement above has locked; a statement of its own, so that it sees what another bridge has just committed.
const READ = `
select ${COLUMNS}
from ledger l join unnest($1::int[], $2::text[]) as b (device_no, epoch) on l.device_no = b.device_no and l.epoch = b.epoch
order by l.device_no, l.epoch collate "C"
for update of l`

// `late`: numbers that went into pages, which are no longer given up.
const MERGE = `
update ledger l
set got = l.got + b.got::int8multirange, lost = (l.lost + b.lost::int8multirange) - (l.got + b.got::int8multirange + b.late::int8multirange), upto = b.upto, last_at = now()
from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int8[]) as b (no, got, lost, late, upto)
where l.no = b.no
returning ${COLUMNS}`

const FOLD = `
update ledger l set got = b.got::int8multirange, lost = b.lost::int8multirange, folded = b.folded, upto = b.upto
from unnest($1::int[], $2::text[], $3::text[], $4::int8[], $5::int8[]) as b (no, got, lost, folded, upto)
where l.no = b.no`

const REMEMBERED = 100_000
const NO_PAGES: PagesRead = new Map()

/** A group and its ledger row as it was read last. */
interface Taken {
  readonly group: Group
  head: Head
}

export interface Ledger {
  /**
   * Begins a transaction with a question, and takes the groups' numbers in it: fills in what the ledger then holds, and drops what it held before. Answers how
   * many items those were, and the rows of the question.
   */
  begin(connection: Connection, question: string, groups: readonly Group[]): Promise<{ readonly known: number; readonly asked: readonly Row[] }>
  forget(): void
}

export function createLedger(limits: FoldLimits = FOLD_LIMITS): Ledger {
  // Numbers of ledger rows: naming a known one keeps the upsert from using up the sequence.
  const numbers = new Map<string, number>()
  const idOf = (deviceNo: number, epoch: string) => `${deviceNo}/${epoch}`

  const settle = (group: Group, row: LedgerRow, pages: PagesRead = NO_PAGES): Taken => {
    if (numbers.size >= REMEMBERED) numbers.clear()
    numbers.set(idOf(group.deviceNo, group.epoch), row.no)
    group.ledgerNo = row.no
    const head = headOf(row)
    fillIn(group, head, pages)
    return { group, head }
  }
  /** Those whose rows came back, and the groups whose rows did not. */
  const settleAll = (groups: readonly Group[], rows: readonly LedgerRow[], pages?: PagesRead): { taken: Taken[]; left: Group[] } => {
    const byId = new Map(rows.map((row) => [idOf(row.device_no, row.epoch), row]))
    const [taken, left]: [Taken[], Group[]] = [[], []]
    for (const group of groups) {
      const row = byId.get(idOf(group.deviceNo, group.epoch))
      if (row) taken.push(settle(group, row, pages))
      else left.push(group)
    }
    return { taken, left }
  }

  return {
    async begin(connection, question, groups) {
      if (groups.length === 0) return { known: 0, asked: await connection.query<Row>({ text: `begin; ${question}` }) }
      const [asked, rows] = await connection.begin<LedgerRow>(question, {
        name: 'ledger_take',
        text: TAKE,
        types: ['int[]', 'int[]', 'text[]', 'text[]', 'text[]'],
        values: [
          groups.map((g) => numbers.get(idOf(g.deviceNo, g.epoch)) ?? 0),
          groups.map((g) => g.deviceNo),
          groups.map((g) => g.epoch),
          groups.map((g) => formatMultirange(freshRanges(g))),
          groups.map((g) => formatMultirange(normaliseRanges(lostRanges(g)))),
        ],
      })
      const { taken, left } = settleAll(groups, rows)
      const rest = left.length === 0 ? { duplicates: 0, taken: [] } : await takeRest(connection, left)
      await foldLong(connection, [...taken, ...rest.taken], limits)
      return { known: rest.duplicates, asked }
    },
    forget: () => numbers.clear(),
  }

  async function takeRest(connection: Connection, groups: readonly Group[]): Promise<{ duplicates: number; taken: Taken[] }> {
    const held = await connection.query<LedgerRow>({ name: 'ledger-read', text: READ, values: [groups.map((g) => g.deviceNo), groups.map((g) => g.epoch)] })
    const { taken } = settleAll(groups, held)
    const pages = await readPages(connection, taken.flatMap(({ group, head }) => foldedNumbers(group, head).map((seq) => ({ no: group.ledgerNo, seq }))))
    let duplicates = 0
    for (const { group, head } of taken) {
      const known = unionRanges(head.got, (pages.get(group.ledgerNo) ?? []).flatMap((page) => page.got))
      duplicates += dropKnown(group, known)
      fillIn(group, head, pages)
    }
    const fresh = taken.filter(({ group }) => group.fresh.length > 0)
    if (fresh.length === 0) return { duplicates, taken }
    const { changes, pages: after } = await changesOf(connection, fresh, pages, limits)
    return { duplicates, taken: settleAll(fresh.map(({ group }) => group), await merge(connection, changes), after).taken }
  }
}

/** What a batch adds to a ledger row; `late` went into its pages. */
interface Change {
  readonly no: number
  readonly got: readonly Range[]
  readonly lost: readonly Range[]
  readonly late: readonly Range[]
  readonly upto: number
}

/** Writes what is late into the pages. Answers what is left for the heads, and the pages as they are then. */
async function changesOf(connection: Connection, fresh: readonly Taken[], before: PagesRead, limits: FoldLimits): Promise<{ changes: readonly Change[]; pages: PagesRead }> {
  const pages = new Map(before)
  const changes: Change[] = []
  for (const { group, head } of fresh) {
    const [no, got, lost] = [group.ledgerNo, freshRanges(group), normaliseRanges(lostRanges(group))]
    const late = { no, head, got: within(got, 1, head.folded - 1), lost: within(lost, 1, head.folded - 1) }
    const above = { got: within(got, head.folded, Infinity), lost: within(lost, head.folded, Infinity) }
    if (late.got.length + late.lost.length === 0) changes.push({ no, ...above, late: [], upto: head.upto })
    else {
      const after = await takeLate(connection, late, pages.get(no) ?? [], limits)
      pages.set(no, after.pages)
      changes.push({ no, got: above.got, lost: unionRanges(above.lost, after.lost), late: late.got, upto: after.upto })
    }
  }
  return { changes, pages }
}

function merge(connection: Connection, changes: readonly Change[]): Promise<LedgerRow[]> {
  const texts = (pick: (change: Change) => readonly Range[]) => changes.map((change) => formatMultirange(pick(change)))
  return connection.query<LedgerRow>({
    name: 'ledger-merge',
    text: MERGE,
    values: [changes.map(({ no }) => no), texts((c) => c.got), texts((c) => c.lost), texts((c) => c.late), changes.map(({ upto }) => upto)],
  })
}

/** Rows that grew too long become short ones; what the batch is told of them stays. */
async function foldLong(connection: Connection, taken: readonly Taken[], limits: FoldLimits): Promise<void> {
  const folds = taken.flatMap(({ group, head }) => {
    const fold = foldHead(head, limits)
    return fold ? [{ no: group.ledgerNo, ...fold }] : []
  })
  if (folds.length === 0) return
  await putPages(connection, folds.flatMap(({ no, pages }) => pages.map((page) => ({ ...page, no }))))
  const heads = folds.map(({ head }) => head)
  await connection.query({
    name: 'ledger-fold',
    text: FOLD,
    values: [folds.map(({ no }) => no), heads.map(({ got }) => formatMultirange(got)), heads.map(({ lost }) => formatMultirange(lost)), heads.map(({ folded }) => folded), heads.map(({ upto }) => upto)],
  })
}

/** Numbers of a group that may stand in a page. */
function foldedNumbers(group: Group, { folded }: Head): number[] {
  return folded === 0 ? [] : [...group.numbers, ...lostRanges(group).map(([from]) => from)].filter((seq) => seq < folded)
}

/** What is known after this: the head, the pages read, and what lies in neither. */
function fillIn(group: Group, head: Head, pages: PagesRead): void {
  const read = pages.get(group.ledgerNo) ?? []
  const covered = coveredBy(head)
  group.covered = read.length === 0 ? covered : normaliseRanges([...covered, ...read.flatMap(({ got, lost }) => [...got, ...lost])])
  group.unread = head.upto + 1 >= head.folded ? [] : subtractRanges([[head.upto + 1, head.folded - 1]], normaliseRanges(read.map(({ from, end }): Range => [from, end - 1])))
}

function headOf({ got, lost, folded, upto }: LedgerRow): Head {
  return { got: parseMultirange(got), lost: parseMultirange(lost), folded: Number(folded), upto: Number(upto) }
}
