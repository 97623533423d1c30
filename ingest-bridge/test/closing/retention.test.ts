import { manualClock } from '@vigil/contract/testing/manual-clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Retention, type RetentionClass } from '../../src/closing/retention.ts'
import { createConnection } from '../../src/store/connection.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

const NOW = Date.UTC(2026, 5, 20, 12)
let database: TestDatabase
let devices = 0
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

async function fill(): Promise<number> {
  const no = await database.register(`r${devices++}`)
  for (const day of ['2026-02-10', '2026-04-01', '2026-06-19', '2026-06-20']) {
    await database.query('select ensure_sample_partition($1::date), ensure_segment_partition($1::date)', [day])
    await database.query('insert into sample (t, seq, device_no, ledger_no, lag_ms) select $1::timestamptz + n * interval \'1 s\', n, $2, 1, 0 from generate_series(1, 10) n', [`${day} 03:00Z`, no])
    await database.query(
      `insert into segment (device_no, hour, n, late, first_t, last_t, ledgers, seq_from, seq_to, t, seq, ledger_no, lag_ms, flags) select $2, $1, 100, 0, $1, $1, '{}', '{}', '{}', '', '', '', '', ''`,
      [`${day} 02:00Z`, no],
    )
    await database.query('insert into device_event (device_no, ledger_no, seq, t, received_at, ev, phase) values ($2, 1, 1, $1, $1, \'x\', \'once\')', [`${day} 02:00Z`, no])
    await database.query('insert into rollup_1m select $2, n, $1, 1, 1, 1, 1, 1 from generate_series(1, 3000) n', [`${day} 02:00Z`, no])
    await database.query(`insert into dead_letter (received_at, source, topic, code, reason, payload, payload_bytes) values ($1, 's', 't', 'c', 'r', '', 0)`, [`${day} 02:00Z`])
  }
  return no
}

describe('retention', () => {
  it('drops each class when its time is over, counts it, and touches nothing else', async () => {
    const no = await fill()
    await database.query(`insert into hl7_sender (name, device_no) values ('MON', $1)`, [no])
    for (const [id, ageDays, done] of [['old', 101, true], ['open', 101, false], ['young', 99, true]] as const) {
      await database.query(
        `insert into hl7_message (received_at, sender_no, control_id, digest, kind, first_seq, raw, done) select to_timestamp($1::float8 / 1000), no, $2, '', 'ORU^R01', 1, '', $3 from hl7_sender`,
        [NOW - ageDays * 86_400_000, Buffer.from(id), done],
      )
    }
    for (const ageDays of [101, 99]) {
      await database.query(
        `insert into admission_proposal (received_at, sender, control_id, digest, event, family_name, given_name, location, visit, reason, merged_identifier, raw) values (to_timestamp($1::float8 / 1000), 'HIS', $2, '', 'A01', '', '', '{}', '', '', '', '')`,
        [NOW - ageDays * 86_400_000, Buffer.from(String(ageDays))],
      )
    }
    const dropped = new Map<RetentionClass, number>()
    const connection = createConnection({ url: database.url, name: 'test' })
    const retention = new Retention({
      database: connection,
      clock: manualClock(NOW),
      days: { samples: 60, waves: 3, minutes: 30, events: 0, deadLetters: 100, hl7Messages: 100, proposals: 100 },
      onDropped: (what, rows) => dropped.set(what, (dropped.get(what) ?? 0) + rows),
      onFailure: (error) => expect(error).toBeUndefined(),
    })
    await retention.runNow()
    // Sixty days before are 21 April: the day and the month that ended before that.
    expect(Object.fromEntries(dropped)).toEqual({ samples: 10 + 10 + 100, minutes: 6_000, deadLetters: 1, hl7Messages: 1, proposals: 1 })
    // One of the same age is not stored yet: it stays.
    expect(await database.query('select control_id from hl7_message order by id')).toMatchObject([{ control_id: Buffer.from('open') }, { control_id: Buffer.from('young') }])
    const count = async (table: string) => (await database.query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n
    expect([await count('sample'), await count('segment'), await count('rollup_1m'), await count('device_event'), await count('dead_letter')]).toEqual([20, 3, 6_000, 4, 3])
    await retention.runNow()
    expect(dropped.get('samples')).toBe(120)
    await retention.stop()
    await connection.close()
  })

  it('drops waveforms after three days, by the seconds they were measured in, and counts frames', async () => {
    const no = await fill()
    for (const [day, frames] of [['2026-06-15', 2], ['2026-06-16', 3], ['2026-06-17', 4], ['2026-06-20', 5]] as const) {
      await database.query('select ensure_waveform_partition($1::date)', [day])
      await database.query(`insert into waveform (device_no, channel, t, t0s, frames) select $2, 1, $1::timestamptz, array_agg(n), '\\x00' from generate_series(1, $3::int8) n`, [`${day} 11:00Z`, no, frames])
    }
    const dropped = new Map<RetentionClass, number>()
    const connection = createConnection({ url: database.url, name: 'test' })
    const days = { samples: 0, waves: 3, minutes: 0, events: 0, deadLetters: 0, hl7Messages: 0, proposals: 0 }
    const retention = new Retention({ database: connection, clock: manualClock(NOW), days, onDropped: (what, rows) => dropped.set(what, (dropped.get(what) ?? 0) + rows), onFailure: (error) => expect(error).toBeUndefined() })
    await retention.runNow()
    // Three days before are 17 June, noon: the days that ended before that go whole, the one under way stays.
    expect(Object.fromEntries(dropped)).toEqual({ waves: 2 + 3 })
    expect(await database.query('select t::date::text as day, cardinality(t0s) as frames from waveform order by t')).toEqual([{ day: '2026-06-17', frames: 4 }, { day: '2026-06-20', frames: 5 }])
    expect(await database.query(`select to_regclass('waveform_20260615')::text as gone`)).toEqual([{ gone: null }])
    await retention.stop()
    await connection.close()
  })

  it('waits rather than holding everybody up, when the table is in use', async () => {
    const no = await fill()
    const connection = createConnection({ url: database.url, name: 'test' })
    const retention = new Retention({ database: connection, clock: manualClock(NOW), days: { samples: 60, waves: 0, minutes: 0, events: 0, deadLetters: 0, hl7Messages: 0, proposals: 0 }, onDropped: () => undefined, onFailure: () => undefined })
    await database.query('begin')
    await database.query('select 1 from sample limit 1')
    await retention.runNow()
    await database.query('commit')
    expect((await database.query<{ n: number }>('select count(*)::int as n from sample where device_no = $1', [no]))[0]?.n).toBe(40)
    await retention.runNow()
    expect((await database.query<{ n: number }>('select count(*)::int as n from sample where device_no = $1', [no]))[0]?.n).toBe(20)
    await retention.stop()
    await connection.close()
  })
})
