import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { AppError, type HealthImportReport, type HealthSourceCreated } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import { signInToStation } from '../../../ops/src/station-api/station-client.ts'
import type { Benchmark, Side } from '../framework/benchmark.ts'
import { writeExport } from '../load/health-export.ts'
import { makeRegistry, startBroker } from '../stage/durable-lane.ts'
import { startStation, STATION_PASSWORD } from '../stage/house.ts'
import { query } from '../stage/sql.ts'
import type { Stage } from '../stage/stage.ts'
import { checkpoint } from './ingest-sides.ts'

/** About 50 MB. */
const ROWS = 600_000
const MB = 1_000_000

const exportOf = async (stage: Stage) => {
  const path = join(stage.folder, 'export.json')
  return { path, ...(await writeExport(path, stage.scaled(ROWS))) }
}

/** The whole way: a phone's POST to our station, until it has its answer. */
const vigil: Side = {
  name: 'vigil',
  async start(stage) {
    const registry = await makeRegistry(stage, 1)
    const { port } = await startBroker(stage, registry)
    const { station, url } = await startStation(stage, registry, port)
    const { path, rows, bytes } = await exportOf(stage)
    const admin = await signInToStation({ url, username: 'admin', password: STATION_PASSWORD, clock: systemClock })
    const { id } = await admin.send<{ id: string }>('POST', '/patients', { familyName: 'Bench', mode: 'test' })
    const { token } = await admin.send<HealthSourceCreated>('POST', `/patients/${id}/health-sources`, { label: 'bench' })
    return {
      async run() {
        await query(registry.databaseUrl, 'truncate health_value')
        await checkpoint(stage)
        // The highest from here on, not that of the start (proc(5), clear_refs).
        writeFileSync(`/proc/${station.pid}/clear_refs`, '5')
        const [since, cpuBefore, rssBefore] = [performance.now(), station.cpuS(), peakMb(station.pid)]
        const response = await fetch(`${url}/api/v1/import/health-auto-export`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: Readable.toWeb(createReadStream(path)), duplex: 'half' })
        const report = (await response.json()) as HealthImportReport
        if (report.stored !== rows) throw new AppError('INTERNAL', `${rows} rows were sent and ${JSON.stringify(report).slice(0, 300)} was answered`)
        const seconds = (performance.now() - since) / 1_000
        return { mbPerSecond: bytes / MB / seconds, rowsPerSecond: rows / seconds, cpuUsPerRow: ((station.cpuS() - cpuBefore) / rows) * 1e6, rssBeforeMb: rssBefore, peakRssMb: peakMb(station.pid) }
      },
    }
  },
}

/** What the database alone takes: the same rows into a table with the same key, from another table, in one statement. */
const bare: Side = {
  name: 'bare',
  async start(stage) {
    const databaseUrl = await (await stage.postgres()).createEmptyDatabase()
    const rows = stage.scaled(ROWS)
    const { bytes } = await exportOf(stage)
    const columns = 'person_no int, metric_no int, start_at timestamptz, source_no int, aggregation smallint, offset_minutes smallint, whole bool, adds_up bool, value float8, import_no bigint'
    await query(databaseUrl, `create table made (${columns})`)
    const made = "select 1, 1 + i % 5, timestamptz '2024-01-01' + (i / 5) * interval '1 minute', 6, 3, 60, true, true, (i % 500) / 10.0, 1"
    await query(databaseUrl, `insert into made ${made} from generate_series(0, ${rows - 1}) i order by 2, 3`)
    await query(databaseUrl, `create table into_here (${columns}, primary key (person_no, metric_no, start_at, source_no, aggregation))`)
    return {
      async run() {
        await query(databaseUrl, 'truncate into_here')
        await checkpoint(stage)
        const since = performance.now()
        await query(databaseUrl, 'insert into into_here select * from made')
        return { mbPerSecond: bytes / MB / ((performance.now() - since) / 1_000) }
      },
    }
  },
}

/** What reading alone takes: the whole file at once, which no server may do with a stranger's. */
const parse: Side = {
  name: 'parse',
  async start(stage) {
    const { path, bytes } = await exportOf(stage)
    return {
      async run() {
        const since = performance.now()
        JSON.parse(readFileSync(path, 'utf8'))
        return { mbPerSecond: bytes / MB / ((performance.now() - since) / 1_000) }
      },
    }
  },
}

/** The most memory a program has had since its mark was last taken back. */
function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000
}

export const healthImport: Benchmark = {
  name: 'health-import',
  what: 'an export of Apple Health of 50 MB by HTTP, answered after COMMIT, beside one INSERT of its rows from another table and JSON.parse of the whole file',
  sides: [vigil, bare, parse],
  targets: [
    { says: 'MB/s of an export, committed', of: 'vigil.mbPerSecond', atLeast: 20 },
    { says: 'against one INSERT of the same rows', of: 'vigil.mbPerSecond', to: 'bare.mbPerSecond', atLeast: 0.25 },
    { says: 'peak memory of the station, MB', of: 'vigil.peakRssMb', atMost: 300 },
  ],
  runLimitMs: 120_000,
}
