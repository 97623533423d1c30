import { Client } from 'pg'
import { performance } from 'node:perf_hooks'
import type { Side } from '../framework/benchmark.ts'
import { query } from '../stage/sql.ts'

const ROWS = 200_000
/** Interleaved as they arrive: every device in its turn, five vitals each, the other columns empty. */
const FILL = `
insert into sample (t, seq, device_no, ledger_no, lag_ms, flags, pr, spo2, pi, temp, rr)
select date_trunc('day', now()) + n / $2::int * interval '1 second', n / $2::int + 1, n % $2::int + 1, n % $2::int + 1, 1, 0, 60 + n % 40, 95.5 + n % 5, 3.1, 36.5, 12 + n % 8
from generate_series(0, $1::int - 1) as n`

/**
 * The control of all ingestion: PostgreSQL itself reads rows of the same shape from its own disk into the same table with its index, in
 * one binary COPY and one commit. Nothing that asks before it writes can be as fast.
 */
export function rawCopy(devices: number): Side {
  return {
    name: 'copy',
    async start(stage) {
      const postgres = await stage.postgres()
      const url = await postgres.createDatabase()
      const privileged = new URL(postgres.server.superuserUrl)
      privileged.pathname = new URL(url).pathname
      const [{ data_directory: folder } = { data_directory: '' }] = await query<{ data_directory: string }>(privileged.href, 'show data_directory')
      const file = `${folder}/bench-rows-${devices}.bin`
      const rows = stage.scaled(ROWS)
      await query(privileged.href, `select ensure_sample_partition(day::date) from generate_series(current_date - 1, current_date + 3, interval '1 day') as day`)
      await query(privileged.href, FILL, [rows, devices])
      await query(privileged.href, `copy (select * from sample order by t, device_no) to '${file}' (format binary)`)
      const client = new Client({ connectionString: privileged.href })
      await client.connect()
      return {
        async run() {
          await client.query('truncate sample')
          await client.query('checkpoint')
          const startedAt = performance.now()
          await client.query(`copy sample from '${file}' (format binary)`)
          return { perSecond: rows / ((performance.now() - startedAt) / 1_000) }
        },
        stop: () => client.end(),
      }
    },
  }
}
