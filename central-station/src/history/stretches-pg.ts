import { NUMBERED_BY_TIME } from '@vigil/contract/numbered-by-time'
import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { Completeness } from './history-store.ts'
import { readClosedEdges } from './closed-edges-pg.ts'
import { HOUR_MS, type Span } from './spans.ts'

/** Numbers of one epoch, by its number in the ledger, from the lowest to the highest of a span. */
export interface Stretch {
  readonly no: number
  readonly lo: number
  readonly hi: number
}

/** A span as short as this is read whole. */
const READ_WHOLE_MS = 6 * HOUR_MS
const MOST_PARTS = 2_000

export async function readCompleteness(database: Database, spans: readonly Span[]): Promise<Completeness> {
  const stretches: Stretch[] = []
  for (const span of spans) {
    // What is open is read before what an end cuts: a row that is being closed meanwhile is seen twice at worst.
    stretches.push(...joinStretches([...(await wholeStretches(database, span)), ...(await cutStretches(database, span))]))
  }
  const [row] = await database.query<{ expected: number | null; received: number | null }>(
    `select sum(case when l.epoch ~ $2 then n.received else q.hi - q.lo + 1 end)::int8 as expected, sum(n.received)::int8 as received
     from jsonb_to_recordset($1::jsonb) as q(no int, lo int8, hi int8) join ledger l on l.no = q.no
     cross join lateral (select coalesce(sum(upper(r) - lower(r)), 0)::int8 as received from unnest(ledger_got(l) * int8multirange(int8range(q.lo, q.hi, '[]'))) r) n`,
    [JSON.stringify(stretches), NUMBERED_BY_TIME.source],
  )
  const [expected, received] = [row?.expected ?? 0, row?.received ?? 0]
  return { expected, received, missing: expected - received }
}

/**
 * Of samples not closed yet, and what stands beside segments wholly inside the span; one statement, and so one moment. In long spans the open
 * ones are two index look-ups for each hour that has any, found by going from one to the next; a scan only of hours in which the epoch
 * changed: of two epochs alive at once (a cloned card) a few numbers at the ends can be overlooked there.
 */
async function wholeStretches(database: Database, { deviceNo, fromMs, toMs }: Span): Promise<Stretch[]> {
  const values = [deviceNo, iso(fromMs), iso(toMs)]
  if (toMs - fromMs <= READ_WHOLE_MS) return database.query<Stretch>(`${openWhole('$2', '$3')} union all ${CLOSED_WHOLE}`, values)
  const partMs = Math.ceil(Math.max(HOUR_MS, (toMs - fromMs) / MOST_PARTS))
  return database.query<Stretch>(`${OPEN_PARTS} union all ${CLOSED_WHOLE}`, [...values, partMs / 1_000])
}

const openWhole = (from: string, to: string, only = 'true') =>
  `select s.ledger_no as no, min(s.seq) as lo, max(s.seq) as hi from sample s where ${only} and s.device_no = $1 and s.t >= ${from} and s.t < ${to} group by s.ledger_no`

const CLOSED_WHOLE = `
  select u.no, min(u.lo) as lo, max(u.hi) as hi from segment s cross join lateral unnest(s.ledgers, s.seq_from, s.seq_to) as u(no, lo, hi)
  where s.device_no = $1 and s.first_t >= $2 and s.last_t < $3 and s.hour > $2::timestamptz - interval '1 hour' and s.hour < $3 group by u.no`

/** The first open sample from a time on, and where the part ends that it lies in. */
const firstOpenFrom = (time: string) =>
  `select s.t, s.ledger_no, s.seq, least($3, date_bin(make_interval(secs => $4), s.t, to_timestamp(0)) + make_interval(secs => $4)) as ends
   from sample s where s.device_no = $1 and s.t >= ${time} and s.t < $3 order by s.t, s.seq limit 1`

/** Parts are as wide as `$4` seconds and begin at multiples of that since 1970. */
const OPEN_PARTS = `
  with recursive part as ((${firstOpenFrom('$2')}) union all select f.* from part p cross join lateral (${firstOpenFrom('p.ends')}) f)
  select o.no, o.lo, o.hi from part p
  cross join lateral (select s.ledger_no, s.seq from sample s where s.device_no = $1 and s.t >= p.t and s.t < p.ends order by s.t desc, s.seq desc limit 1) l
  cross join lateral (
    select p.ledger_no as no, least(p.seq, l.seq) as lo, greatest(p.seq, l.seq) as hi where p.ledger_no = l.ledger_no
    union all ${openWhole('p.t', 'p.ends', 'p.ledger_no <> l.ledger_no')}) o`

/** Of the closed hours that an end of the span cuts: row by row. */
async function cutStretches(database: Database, span: Span): Promise<Stretch[]> {
  const cut: Stretch[] = []
  for (const { ledgerNo, seq } of await readClosedEdges(database, span)) for (const [i, no] of ledgerNo.entries()) cut.push({ no, lo: seq[i] as number, hi: seq[i] as number })
  return cut
}

function joinStretches(found: readonly Stretch[]): Stretch[] {
  const joined = new Map<number, Stretch>()
  for (const { no, lo, hi } of found) {
    const known = joined.get(no)
    joined.set(no, { no, lo: Math.min(lo, known?.lo ?? lo), hi: Math.max(hi, known?.hi ?? hi) })
  }
  return [...joined.values()]
}

