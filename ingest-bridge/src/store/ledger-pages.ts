import { normaliseRanges, type Range } from '@vigil/contract'
import type { Connection } from './connection.ts'
import { addToPage, type FoldLimits, type Head, type Page, settledThrough, within } from './fold.ts'
import { formatMultirange, parseMultirange } from './multirange.ts'

interface PageRow {
  ledger_no: number
  from_no: string
  end_no: string
  got: string
  lost: string
}

/** A page, and the number after its last. */
interface Read extends Page {
  readonly end: number
}

const COLUMNS = 'p.ledger_no, p.from_no, n.end_no, p.got::text, p.lost::text'
const END = `cross join lateral (select coalesce((select min(o.from_no) from ledger_page o where o.ledger_no = p.ledger_no and o.from_no > p.from_no), l.folded) as end_no) n`

// The page of each number asked for: the last that begins at or before it. Their ledger rows are locked by now.
const READ = `
select ${COLUMNS}
from (select distinct b.no, f.from_no
      from unnest($1::int[], $2::int8[]) as b (no, seq)
      cross join lateral (select from_no from ledger_page where ledger_no = b.no and from_no <= b.seq order by from_no desc limit 1) f) w
join ledger_page p on p.ledger_no = w.no and p.from_no = w.from_no
join ledger l on l.no = p.ledger_no
${END}`

const NEXT = `
select ${COLUMNS}
from (select * from ledger_page where ledger_no = $1 and from_no >= $2 order by from_no limit $3) p
join ledger l on l.no = p.ledger_no
${END}
order by p.from_no`

const PUT = `
insert into ledger_page (ledger_no, from_no, got, lost)
select b.no, b.from_no, b.got::int8multirange, b.lost::int8multirange from unnest($1::int[], $2::int8[], $3::text[], $4::text[]) as b (no, from_no, got, lost)
on conflict (ledger_no, from_no) do update set got = excluded.got, lost = excluded.lost`

/** Pages looked through at a time for how far the numbers are settled. */
const AT_ONCE = 64

/** What a batch brings for numbers that are folded, of one ledger row. */
export interface Late {
  readonly no: number
  readonly head: Head
  readonly got: readonly Range[]
  readonly lost: readonly Range[]
}

/** The pages of the given numbers, by ledger row. */
export type PagesRead = ReadonlyMap<number, readonly Read[]>

export async function readPages(connection: Connection, wanted: readonly { readonly no: number; readonly seq: number }[]): Promise<PagesRead> {
  if (wanted.length === 0) return new Map()
  const rows = await connection.query<PageRow>({ name: 'ledger-pages', text: READ, values: [wanted.map(({ no }) => no), wanted.map(({ seq }) => seq)] })
  return Map.groupBy(rows.map((row) => ({ no: row.ledger_no, ...readPage(row) })), ({ no }) => no)
}

export async function putPages(connection: Connection, pages: readonly (Page & { readonly no: number })[]): Promise<void> {
  if (pages.length === 0) return
  await connection.query({ name: 'ledger-pages-put', text: PUT, values: [pages.map(({ no }) => no), pages.map(({ from }) => from), pages.map(({ got }) => formatMultirange(got)), pages.map(({ lost }) => formatMultirange(lost))] })
}

/**
 * Writes late numbers into their pages. Answers what the pages read then hold, how far everything is settled now, and the gaps that stay with
 * the head because they reach over several pages.
 */
export async function takeLate(connection: Connection, late: Late, read: readonly Read[], limits: FoldLimits): Promise<{ pages: readonly Read[]; upto: number; lost: readonly Range[] }> {
  const fits = (gap: Range) => read.some((page) => gap[0] >= page.from && gap[1] < page.end)
  const inside = late.lost.filter(fits)
  const straddling = late.lost.filter((gap) => !fits(gap))
  const pages: Read[] = []
  const changed: Page[] = []
  for (const page of read) {
    const [got, lost] = [within(late.got, page.from, page.end - 1), within(inside, page.from, page.end - 1)]
    if (got.length + lost.length === 0) pages.push(page)
    else {
      const parts = addToPage(page, got, lost, limits)
      for (const [i, one] of parts.entries()) pages.push({ ...one, end: parts[i + 1]?.from ?? page.end })
      changed.push(...parts)
    }
  }
  await putPages(connection, changed.map((page) => ({ ...page, no: late.no })))
  const lost = normaliseRanges([...late.head.lost, ...straddling])
  return { pages, upto: await settle(connection, late, lost), lost: straddling }
}

async function settle(connection: Connection, { no, head }: Late, lost: readonly Range[]): Promise<number> {
  let { upto } = head
  if (upto + 1 >= head.folded) return upto
  let [page] = (await readPages(connection, [{ no, seq: upto + 1 }])).get(no) ?? []
  let ahead: Read[] = []
  while (page) {
    upto = settledThrough(upto, page, page.end, lost)
    if (upto < page.end - 1 || page.end >= head.folded) break
    if (ahead.length === 0) ahead = (await connection.query<PageRow>({ name: 'ledger-pages-next', text: NEXT, values: [no, page.end, AT_ONCE] })).map(readPage)
    page = ahead.shift()
  }
  return upto
}

function readPage(row: PageRow): Read {
  return { from: Number(row.from_no), end: Number(row.end_no), got: parseMultirange(row.got), lost: parseMultirange(row.lost) }
}
