import { performance } from 'node:perf_hooks'
import { signalByName } from '@vigil/contract'
import { silentLog, systemClock } from '@vigil/program'
import { openDatabase } from '../../../central-station/src/db/database-pool.ts'
import { createHistory } from '../../../central-station/src/history/history.ts'
import { createHistoryStore } from '../../../central-station/src/history/history-store-pg.ts'
import type { Registry } from '../../../central-station/src/registry/registry.ts'
import { Client } from 'pg'
import type { Benchmark, Measures, Side } from '../framework/benchmark.ts'
import { bytesOf, closeBefore, type Filling, fillSamples, repeatDays, spreadSegments } from '../stage/samples.ts'
import { query } from '../stage/sql.ts'
import type { Stage } from '../stage/stage.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const END = Date.UTC(2026, 2, 20)
/** What is not closed yet of a day under way. */
const OPEN_MS = 36 * 60_000
const VITALS = ['pr', 'spo2', 'pi', 'rr', 'temp'] as const
const pulse = [signalByName('pr')].filter((signal) => signal !== undefined)

/** Middle of seven warm runs, ms. */
async function timed(run: () => Promise<number>, expected: number): Promise<Measures> {
  const took: number[] = []
  for (let i = 0; i < 7; i++) {
    const beganAt = performance.now()
    const found = await run()
    took.push(performance.now() - beganAt)
    if (found < expected) throw new RangeError(`${found} found of ${expected}`)
  }
  return { ms: took.sort((a, b) => a - b)[3] ?? 0 }
}

async function openStore(stage: Stage, url: string) {
  const database = openDatabase({ url, clock: systemClock, log: silentLog })
  stage.onEnd(() => database.stop())
  while (database.health.state() !== 'ok') await new Promise((resolve) => setTimeout(resolve, 20))
  return createHistoryStore(database)
}

/** A day under way of one device, alone or among others whose samples come in turn: all of one vital, every value. */
function dayOf(name: string, devices: number): Side {
  return {
    name,
    async start(stage) {
      const url = await (await stage.postgres()).createDatabase()
      await fillSamples(url, { devices: 1, fromMs: END - DAY_MS, toMs: END - OPEN_MS })
      await closeBefore(url, END - OPEN_MS)
      await fillSamples(url, { devices, fromMs: END - OPEN_MS, toMs: END })
      if (devices > 1) await spreadSegments(url)
      const store = await openStore(stage, url)
      const span = { deviceNo: Math.ceil(devices / 2), deviceId: 'd', fromMs: END - DAY_MS, toMs: END + 1_000 }
      return { run: () => timed(async () => (await store.raw(span, pulse, 100_000))?.columns.get('pr')?.length ?? 0, 86_400) }
    },
  }
}

/** The control: the same values of one device by itself, in order, as the rows `pg` answers with. */
const dayOfRows: Side = {
  name: 'rows',
  async start(stage) {
    const url = await (await stage.postgres()).createDatabase()
    await fillSamples(url, { devices: 1, fromMs: END - DAY_MS, toMs: END })
    const client = new Client({ connectionString: url })
    await client.connect()
    stage.onEnd(() => client.end())
    return { run: () => timed(async () => (await client.query('select t, pr from sample where device_no = 1 and t >= $1 and t < $2 order by t', [new Date(END - DAY_MS), new Date(END + 1_000)])).rows.length, 86_400) }
  },
}

const MONTH_DAYS = 30
const QUICK_DAYS = 4
const daysOf = (stage: Stage): number => (stage.quick ? QUICK_DAYS : MONTH_DAYS)
/** Points of five vitals that must be answered at least: every bucket has a value. */
const MONTH_POINTS = VITALS.length * 700

/** Thirty days of five vitals, to a thousand points: the answer of the service, gaps and completeness included. */
const month: Side = {
  name: 'month',
  async start(stage) {
    const url = await monthOfSamples(stage, 'closed')
    const store = await openStore(stage, url)
    const registry = { now: () => ({ devices: new Map([['d1', { no: 1 }]]) }) } as unknown as Registry
    const history = createHistory({ store, registry, clock: { ...systemClock, now: () => END }, intervalOf: () => 1_000 })
    const asked = { from: String(END - daysOf(stage) * DAY_MS), to: String(END), points: 1_000, signals: VITALS.join(',') }
    return { run: () => timed(async () => (await history.read(history.ofDevice('d1'), asked)).series.reduce((sum, { points }) => sum + points.length, 0), MONTH_POINTS) }
  },
}

/** The control: the same from the raw rows of one device by itself. */
const monthOfRows: Side = {
  name: 'scan',
  async start(stage) {
    const url = await monthOfSamples(stage, 'rows')
    const buckets = `floor(extract(epoch from t) * 1000 / ${(daysOf(stage) * DAY_MS) / 1_000})`
    const figures = VITALS.map((name) => `min(${name}), avg(${name}), max(${name})`).join(', ')
    return {
      async run() {
        const beganAt = performance.now()
        const found = await query(url, `select ${buckets} as b, ${figures} from sample where device_no = 1 group by 1 order by 1`)
        if (found.length < 1_000) throw new RangeError(`${found.length} buckets`)
        return { ms: performance.now() - beganAt }
      },
    }
  },
}

/** One day measured, rolled up and, for `closed`, closed by the bridge's own closer; the days before it are its copies, as rows or as closed hours. */
async function monthOfSamples(stage: Stage, kept: 'closed' | 'rows'): Promise<string> {
  const url = await (await stage.postgres()).createDatabase()
  await fillSamples(url, { devices: 1, fromMs: END - DAY_MS, toMs: END })
  for (const [table, unit] of [['rollup_1m', 'minute'], ['rollup_1h', 'hour']] as const) {
    const values = VITALS.map((name) => `(${signalByName(name)?.code}::smallint, ${name})`).join(', ')
    await query(url, `insert into ${table} select 1, v.signal, date_trunc('${unit}', t), count(*), min(v), max(v), avg(v), max(v) from sample cross join lateral (values ${values}) as v (signal, v) group by 2, 3`)
  }
  if (kept === 'closed') await closeBefore(url, END)
  await repeatDays(url, daysOf(stage) - 1, END, kept === 'closed' ? 'segment' : 'sample')
  return url
}

const DISK_DEVICES = 10
const diskHours = (stage: Stage): number => (stage.quick ? 1 : 4)
const TEN_MINUTES_MS = 10 * 60_000

/** What a value takes on disk, indexes included, of ten boards in turn; sizes do not change from run to run. */
function diskOf(name: string, fill: (url: string, whole: Filling) => Promise<void>): Side {
  return {
    name,
    async start(stage) {
      const url = await (await stage.postgres()).createDatabase()
      const hours = diskHours(stage)
      await fill(url, { devices: DISK_DEVICES, fromMs: END - hours * HOUR_MS, toMs: END })
      const bytes = (await bytesOf(url, 'sample')) + (await bytesOf(url, 'segment'))
      return { run: async () => ({ bytesPerValue: bytes / (DISK_DEVICES * hours * 3_600 * VITALS.length) }) }
    },
  }
}

/** As a bridge does it: every ten minutes what is older than half an hour. */
async function fillDay(url: string, whole: Filling): Promise<void> {
  for (let at = whole.fromMs; at < END; at += TEN_MINUTES_MS) {
    await fillSamples(url, { ...whole, fromMs: at, toMs: at + TEN_MINUTES_MS })
    await closeBefore(url, at - 2 * TEN_MINUTES_MS)
  }
}

async function fillAndClose(url: string, whole: Filling): Promise<void> {
  await fillDay(url, whole)
  await closeBefore(url, END)
  await query(url, 'truncate sample')
}

/** The control: a row per value, as most hospitals' tables have it. */
const narrow: Side = {
  name: 'narrow',
  async start(stage) {
    const url = await (await stage.postgres()).createDatabase()
    await fillSamples(url, { devices: 20, fromMs: END - HOUR_MS, toMs: END })
    await query(url, 'create table narrow (device int, signal smallint, t timestamptz, value float8, primary key (device, signal, t))')
    await query(url, `insert into narrow select device_no, v.signal, t, v.v from sample cross join lateral (values ${VITALS.map((name, i) => `(${i}, ${name})`).join(', ')}) as v (signal, v) order by t, device_no, v.signal`)
    const [row] = await query<{ bytes: string }>(url, `select pg_total_relation_size('narrow') as bytes`)
    return { run: async () => ({ bytesPerValue: Number(row?.bytes) / (20 * 3_600 * VITALS.length) }) }
  },
}

export const history: readonly Benchmark[] = [
  {
    name: 'history-day',
    what: '24 h of one vital of a day under way, every value, from PostgreSQL into typed arrays',
    warmUp: 1,
    sides: [dayOf('alone', 1), dayOf('crowd', 500), dayOfRows],
    targets: [
      { says: 'ms for a device by itself', of: 'alone.ms', atMost: 10 },
      { says: 'one of 500 in turn against one by itself', of: 'crowd.ms', to: 'alone.ms', atMost: 2 },
      { says: 'rows of pg against it', of: 'rows.ms', to: 'alone.ms', atLeast: 5 },
    ],
    runLimitMs: 300_000,
  },
  {
    name: 'history-month',
    what: '30 days of 5 vitals to at most 1,000 points, with gaps and completeness',
    warmUp: 1,
    sides: [month, monthOfRows],
    targets: [
      { says: 'ms', of: 'month.ms', atMost: 30 },
      { says: 'a scan of the raw rows against it', of: 'scan.ms', to: 'month.ms', atLeast: 60 },
    ],
    runLimitMs: 300_000,
  },
  {
    name: 'disk',
    what: 'bytes per value, indexes included',
    sides: [diskOf('openDay', fillDay), diskOf('closed', fillAndClose), diskOf('unclosed', fillSamples), narrow],
    targets: [
      { says: 'bytes per value of a day under way', of: 'openDay.bytesPerValue', atMost: 22 },
      { says: 'bytes per value closed', of: 'closed.bytesPerValue', atMost: 2.3 },
      { says: 'closed against a row per value', of: 'closed.bytesPerValue', to: 'narrow.bytesPerValue', atMost: 1 / 40 },
    ],
    runLimitMs: 300_000,
  },
]
