import { coreSignals, type CoreSignalName, packQuality, type SampleQuality, type SignalName, signalByName } from '@vigil/contract'
import { packSegment } from '@vigil/contract/segments/segment'
import { mergeRows } from '@vigil/contract/segments/segment-order'
import pg from 'pg'

export interface StoredSample {
  readonly t: number
  readonly seq: number
  readonly epoch: string
  readonly values: Readonly<Partial<Record<SignalName, number>>>
  readonly lagMs?: number
  readonly remarks?: SampleQuality
  /** As in `sample.flags`. */
  readonly flags?: number
}

const core: ReadonlySet<string> = new Set(coreSignals)

/** Puts samples, their ledger and their roll-ups into the database, as the durable lane would. */
export async function storeSamples(url: string, device: string, samples: readonly StoredSample[], lost: Readonly<Record<string, readonly [number, number][]>> = {}): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ no: number }>('select no from device where id = $1', [device])
    const no = rows[0]?.no
    const days = new Set(samples.map((sample) => new Date(sample.t).toISOString().slice(0, 10)))
    for (const day of days) await client.query('select ensure_sample_partition($1)', [day])
    const ledgers = new Map<string, number>()
    for (const epoch of new Set(samples.map((sample) => sample.epoch))) {
      const got = samples.filter((sample) => sample.epoch === epoch).map((sample) => `[${sample.seq},${sample.seq}]`).join(',')
      const gone = (lost[epoch] ?? []).map(([from, to]) => `[${from},${to}]`).join(',')
      const answer = await client.query<{ no: number }>(
        `insert into ledger (device_no, epoch, got, lost) values ($1, $2, $3::int8multirange, $4::int8multirange)
         on conflict (device_no, epoch) do update set got = ledger.got + excluded.got returning no`,
        [no, epoch, `{${got}}`, `{${gone}}`],
      )
      ledgers.set(epoch, answer.rows[0]?.no ?? 0)
    }
    const json = samples.map(({ t, seq, epoch, values, lagMs = 100, remarks, flags = 0 }) => {
      const quality = remarks && packQuality(remarks)
      const extra = Object.fromEntries(Object.entries(values).filter(([name]) => !core.has(name)))
      const own = Object.fromEntries(Object.entries(values).filter(([name]) => core.has(name)))
      return { t: new Date(t).toISOString(), seq, device_no: no, ledger_no: ledgers.get(epoch), lag_ms: lagMs, flags, ...own, ...(quality ? { quality: `\\x${Buffer.from(quality).toString('hex')}` } : {}), ...(Object.keys(extra).length === 0 ? {} : { other: { m: extra } }) }
    })
    await client.query('insert into sample select * from jsonb_populate_recordset(null::sample, $1::jsonb)', [JSON.stringify(json)])
    await rollUp(client, no ?? 0)
  } finally {
    await client.end()
  }
}

/** Every bucket of a device anew, straight from the samples. */
async function rollUp(client: pg.Client, no: number): Promise<void> {
  const names = [...coreSignals, 'sdnn', 'steps'] as const
  const values = names.map((name) => `(${signalByName(name)?.code}::smallint, ${core.has(name) ? `s.${name}` : `(s.other->'m'->>'${name}')::real`})`).join(', ')
  for (const [table, unit] of [['rollup_1m', 'minute'], ['rollup_1h', 'hour']] as const) {
    await client.query(`delete from ${table} where device_no = $1`, [no])
    await client.query(
      `insert into ${table} select $1, v.signal, date_trunc('${unit}', s.t), count(*), min(v.v), max(v.v), avg(v.v), (array_agg(v.v order by s.t desc))[1]
       from sample s cross join lateral (values ${values}) v(signal, v) where s.device_no = $1 and v.v is not null group by 2, 3`,
      [no],
    )
  }
}

type SampleRecord = Readonly<Record<CoreSignalName, number | null>> & { readonly us: number; readonly seq: string; readonly ledger_no: number; readonly lag_ms: number; readonly flags: number; readonly quality: Buffer | null; readonly other: string | null }

/** Closes the hours of a device as the durable lane would: rows measured before `untilMs` move into their segments. */
export async function closeSamples(url: string, device: string, untilMs = Number.MAX_SAFE_INTEGER): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows: hours } = await client.query<{ no: number; ms: number }>(
      `select d.no, extract(epoch from date_trunc('hour', s.t, 'UTC'))::float8 * 1000 as ms from sample s join device d on d.no = s.device_no where d.id = $1 and extract(epoch from s.t) * 1000 < $2 group by 1, 2`,
      [device, untilMs],
    )
    for (const { no, ms } of hours) await closeHour(client, no, ms, untilMs)
  } finally {
    await client.end()
  }
}

async function closeHour(client: pg.Client, no: number, hourMs: number, untilMs: number): Promise<void> {
  await client.query('select ensure_segment_partition($1)', [new Date(hourMs).toISOString().slice(0, 10)])
  const { rows } = await client.query<SampleRecord>(
    `delete from sample where device_no = $1 and t >= to_timestamp($2::float8 / 1000) and extract(epoch from t) * 1000 < least($2::float8 + 3600000, $3)
     returning *, extract(epoch from t)::float8 * 1e6 as us, other::text as other`,
    [no, hourMs, untilMs],
  )
  const column = (of: (row: SampleRecord) => number | null) => Float64Array.from(rows, (row) => of(row) ?? Number.NaN)
  const taken = {
    t: column((row) => Math.round(row.us)),
    seq: column((row) => Number(row.seq)),
    ledgerNo: column((row) => row.ledger_no),
    lagMs: column((row) => row.lag_ms),
    flags: column((row) => row.flags),
    values: new Map(coreSignals.map((name) => [name, column((row) => (row[name] === null ? null : Math.fround(row[name])))])),
    quality: rows.map((row) => row.quality ?? undefined),
    other: rows.map((row) => row.other ?? undefined),
  }
  const none = { t: new Float64Array(), seq: new Float64Array(), ledgerNo: new Float64Array(), lagMs: new Float64Array(), flags: new Float64Array(), values: new Map(), quality: [], other: [] }
  const sorted = mergeRows(taken, none)
  const { n, values, ...packed } = packSegment(sorted, hourMs)
  const ledgers = [...new Set(sorted.ledgerNo)]
  const ends = (of: (...seqs: number[]) => number) => ledgers.map((ledger) => of(...sorted.seq.filter((_, i) => sorted.ledgerNo[i] === ledger)))
  const record = { device_no: no, n, late: sorted.lagMs.filter((lag) => lag > 60_000).length, ledgers, seq_from: ends(Math.min), seq_to: ends(Math.max), ...packed, ...Object.fromEntries(values) }
  const names = Object.keys(record)
  const times = [hourMs / 1_000, (sorted.t[0] as number) / 1e6, (sorted.t.at(-1) as number) / 1e6]
  await client.query(
    `insert into segment (hour, first_t, last_t, ${names.join(', ')}) values (to_timestamp($1), to_timestamp($2), to_timestamp($3), ${names.map((_, i) => `$${i + 4}`).join(', ')})`,
    [...times, ...Object.values(record).map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value))],
  )
}
