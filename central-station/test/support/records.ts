import { coreSignals, type SignalName, signalByName } from '@vigil/contract'
import pg from 'pg'

export interface StoredSample {
  readonly t: number
  readonly seq: number
  readonly epoch: string
  readonly values: Readonly<Partial<Record<SignalName, number>>>
  readonly lagMs?: number
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
    const json = samples.map(({ t, seq, epoch, values, lagMs = 100 }) => {
      const extra = Object.fromEntries(Object.entries(values).filter(([name]) => !core.has(name)))
      const own = Object.fromEntries(Object.entries(values).filter(([name]) => core.has(name)))
      return { t: new Date(t).toISOString(), seq, device_no: no, ledger_no: ledgers.get(epoch), lag_ms: lagMs, flags: 0, ...own, ...(Object.keys(extra).length === 0 ? {} : { other: { m: extra } }) }
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
