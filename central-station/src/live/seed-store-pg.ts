import { signalByCode, signals } from '@vigil/contract'
import type { Database } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { SeedStore } from './seed.ts'

/** One index look-up per device and signal. */
export function createSeedStore(database: Database): SeedStore {
  return {
    async newest(deviceNos, sinceMs) {
      const rows = await database.query<{ no: number; code: number; bucket: number; last: number }>(
        `select n.no, c.code, r.bucket, r.last from unnest($1::int[]) n(no) cross join unnest($2::smallint[]) c(code)
         cross join lateral (select bucket, last from rollup_1m where device_no = n.no and signal = c.code and bucket > $3 order by bucket desc limit 1) r`,
        [deviceNos, signals.map((signal) => signal.code), iso(sinceMs)],
      )
      return rows.flatMap(({ no, code, bucket, last }) => {
        const signal = signalByCode(code)?.name
        return signal === undefined ? [] : [{ deviceNo: no, signal, value: last, t: bucket }]
      })
    },
  }
}
