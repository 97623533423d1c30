import { NUMBERED_BY_TIME } from '@vigil/contract/numbered-by-time'
import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { Completeness } from './history-store.ts'
import { readClosedEdges } from './closed-edges-pg.ts'
import { cutEvery, HOUR_MS, type Span } from './spans.ts'

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
    // The open ones first: rows move from there, so one that is being closed is seen twice at worst.
    stretches.push(...joinStretches([...(await openStretches(database, span)), ...(await closedStretches(database, span))]))
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
 * Of samples not closed yet. In long spans two index look-ups an hour, a scan only for hours in which the epoch changed: of two
 * epochs alive at once (a cloned card) a few numbers at the ends can be overlooked there.
 */
async function openStretches(database: Database, { deviceNo, fromMs, toMs }: Span): Promise<Stretch[]> {
  if (toMs - fromMs <= READ_WHOLE_MS) return readStretches(database, deviceNo, fromMs, toMs)
  const parts = cutEvery(Math.max(HOUR_MS, (toMs - fromMs) / MOST_PARTS), fromMs, toMs)
  const rows = await database.query<{ a: number; b: number; first_no: number; first_seq: number; last_no: number; last_seq: number }>(
    `select p.a, p.b, f.ledger_no as first_no, f.seq as first_seq, l.ledger_no as last_no, l.seq as last_seq
     from unnest($2::timestamptz[], $3::timestamptz[]) as p(a, b)
     cross join lateral (select ledger_no, seq from sample s where s.device_no = $1 and s.t >= p.a and s.t < p.b order by s.t, s.seq limit 1) f
     cross join lateral (select ledger_no, seq from sample s where s.device_no = $1 and s.t >= p.a and s.t < p.b order by s.t desc, s.seq desc limit 1) l`,
    [deviceNo, parts.map((part) => iso(part.fromMs)), parts.map((part) => iso(part.toMs))],
  )
  const found: Stretch[] = []
  for (const { a, b, first_no, first_seq, last_no, last_seq } of rows) {
    if (first_no === last_no) found.push({ no: first_no, lo: Math.min(first_seq, last_seq), hi: Math.max(first_seq, last_seq) })
    else found.push(...(await readStretches(database, deviceNo, a, b)))
  }
  return found
}

function readStretches(database: Database, deviceNo: number, fromMs: number, toMs: number): Promise<Stretch[]> {
  return database.query<Stretch>('select ledger_no as no, min(seq) as lo, max(seq) as hi from sample where device_no = $1 and t >= $2 and t < $3 group by ledger_no', [deviceNo, iso(fromMs), iso(toMs)])
}

/** Of closed hours: what stands beside a segment wholly inside the span, and the rows of those the span cuts. */
async function closedStretches(database: Database, span: Span): Promise<Stretch[]> {
  const whole = await database.query<Stretch>(
    `select u.no, min(u.lo) as lo, max(u.hi) as hi from segment s cross join lateral unnest(s.ledgers, s.seq_from, s.seq_to) as u(no, lo, hi)
     where s.device_no = $1 and s.first_t >= $2 and s.last_t < $3 and s.hour > $2::timestamptz - interval '1 hour' and s.hour < $3 group by u.no`,
    [span.deviceNo, iso(span.fromMs), iso(span.toMs)],
  )
  const cut: Stretch[] = []
  for (const { ledgerNo, seq } of await readClosedEdges(database, span)) for (const [i, no] of ledgerNo.entries()) cut.push({ no, lo: seq[i] as number, hi: seq[i] as number })
  return [...whole, ...cut]
}

function joinStretches(found: readonly Stretch[]): Stretch[] {
  const joined = new Map<number, Stretch>()
  for (const { no, lo, hi } of found) {
    const known = joined.get(no)
    joined.set(no, { no, lo: Math.min(lo, known?.lo ?? lo), hi: Math.max(hi, known?.hi ?? hi) })
  }
  return [...joined.values()]
}

