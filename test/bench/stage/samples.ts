import { systemClock, silentLog } from '@vigil/program'
import { Closer } from '../../../ingest-bridge/src/closing/closer.ts'
import { createConnection } from '../../../ingest-bridge/src/store/connection.ts'
import { query } from './sql.ts'

const HOUR_MS = 3_600_000

export interface Filling {
  readonly devices: number
  readonly fromMs: number
  readonly toMs: number
  /** Milliseconds between the samples of one device. */
  readonly everyMs?: number
}

/** Five vitals as monitors give them, noise included, every device in turn as they arrive. */
export async function fillSamples(url: string, { devices, fromMs, toMs, everyMs = 1_000 }: Filling): Promise<void> {
  await query(url, `insert into device (id, secret_mac) select 'd' || n, '\\x00' from generate_series(1, $1) n on conflict do nothing`, [devices])
  await query(url, `insert into ledger (device_no, epoch, got) select no, 'a', '{[1,100000000)}' from device where no <= $1 on conflict do nothing`, [devices])
  await query(url, `select ensure_sample_partition(d::date) from generate_series(to_timestamp($1::float8 / 1000) at time zone 'UTC', to_timestamp($2::float8 / 1000) at time zone 'UTC' + interval '1 day', '1 day') d`, [fromMs, toMs])
  for (let from = fromMs; from < toMs; from += 6 * HOUR_MS) {
    await query(
      url,
      `insert into sample (t, seq, device_no, ledger_no, lag_ms, pr, spo2, pi, rr, temp)
       select to_timestamp(ms / 1000.0) + make_interval(secs => round(random() * 8) / 1000), (ms / $1) % 100000000 + 1, l.device_no, l.no, 40 + (random() * 40)::int,
         round(72 + 6 * sin(ms / 600000.0) + 3 * random()), round((96.5 + 1.5 * random())::numeric, 1), round((3 + 0.6 * random())::numeric, 1), round(14 + 2 * random()), round((36.8 + 0.1 * random())::numeric, 2)
       from generate_series($2::int8, $3::int8 - 1, $1::int8) ms, ledger l where l.device_no <= $4 order by ms, l.device_no`,
      [everyMs, from, Math.min(toMs, from + 6 * HOUR_MS), devices],
    )
  }
  await query(url, 'vacuum analyze')
}

/** Closes what was measured before `untilMs`, by the bridge's own closer. */
export async function closeBefore(url: string, untilMs: number): Promise<void> {
  const database = createConnection({ url, name: 'bench-closing', queryTimeoutMs: 60_000 })
  const fail = (error: unknown) => silentLog.error({ error }, 'closing')
  const closer = new Closer({ database, clock: { ...systemClock, now: () => untilMs }, afterMs: 0, busy: () => false, onClosed: () => undefined, onInexact: fail, onFailure: fail })
  await closer.runNow()
  await closer.stop()
  await database.close()
  await query(url, 'vacuum analyze')
}

/** Gives every other device the closed hours of the first, hour by hour as they would have been closed. */
export async function spreadSegments(url: string): Promise<void> {
  const columns = await query<{ name: string }>(url, `select attname as name from pg_attribute where attrelid = 'segment'::regclass and attnum > 0 and attname <> 'device_no'`)
  const list = columns.map(({ name }) => name).join(', ')
  await query(url, `insert into segment (device_no, ${list}) select d.no, ${columns.map(({ name }) => `s.${name}`).join(', ')} from segment s, device d where s.device_no = 1 and d.no > 1 order by s.hour, d.no`)
  await query(url, 'vacuum analyze segment')
}

/** Copies the day before `endMs` of the one device to each of the `days` before it: its rows or closed hours, and its roll-ups. */
export async function repeatDays(url: string, days: number, endMs: number, from: 'sample' | 'segment'): Promise<void> {
  const columnsOf = async (table: string, but: readonly string[]) =>
    (await query<{ name: string }>(url, `select attname as name from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped`)).map(({ name }) => name).filter((name) => !but.includes(name))
  const shifts = { sample: ['t'], segment: ['hour', 'first_t', 'last_t'], rollup_1m: ['bucket'], rollup_1h: ['bucket'] }
  // A ward has no partition of a day whose rows are all closed.
  await query(url, `select ensure_${from}_partition(d::date) from generate_series(to_timestamp($1::float8 / 1000) at time zone 'UTC' - make_interval(days => $2 + 1), to_timestamp($1::float8 / 1000) at time zone 'UTC', '1 day') d`, [endMs, days])
  for (const table of [from, 'rollup_1m', 'rollup_1h'] as const) {
    const [moved, others] = [shifts[table], await columnsOf(table, shifts[table])]
    // Day by day, as they came: rows of a day lie together.
    for (let day = days; day > 0; day--) {
      await query(url, `insert into ${table} (${[...moved, ...others].join(', ')}) select ${[...moved.map((name) => `${name} - make_interval(days => ${day})`), ...others].join(', ')} from ${table} where ${moved[0]} >= to_timestamp($1::float8 / 1000) order by ${moved[0]}`, [endMs - 86_400_000])
    }
  }
  await query(url, 'vacuum analyze')
}

/** What a table takes on disk with its indexes and its long values, bytes. */
export async function bytesOf(url: string, table: 'sample' | 'segment'): Promise<number> {
  const [row] = await query<{ bytes: string }>(url, `select sum(pg_total_relation_size(inhrelid)) as bytes from pg_inherits where inhparent = '${table}'::regclass`)
  return Number(row?.bytes)
}
