// Rows a second that the store commits with its ledger, beside the same rows by plain binary COPY: the price of exactly once.
// Usage: node ingest-bridge/bench/commit.ts [rows per run, default 200000] [rounds, default 5]
// JSON lines on standard output, medians of interleaved runs; DATABASE_URL for a server of your own, else a temporary one.
import { Client } from 'pg'
import { systemClock } from '@vigil/program'
import type { SampleItem } from '../src/pipeline/item.ts'
import { createDirtyMarks } from '../src/rollup/dirty-marks.ts'
import { ByteWriter } from '../src/store/byte-writer.ts'
import { createConnection } from '../src/store/connection.ts'
import { openStore } from '../src/store/open-store.ts'
import { copySamples, encodeSampleRows } from '../src/store/sample-rows.ts'
import { migrate, withClient } from '../test/support/migrate.ts'
import { startPostgres } from '../test/support/postgres-server.ts'

const [rows = 200_000, rounds = 5] = process.argv.slice(2).map(Number)
const server = await startPostgres({ shared_buffers: '1GB', max_wal_size: '8GB', jit: 'off' })
await withClient(server.url('postgres'), (client) => client.query('create database bench'))
const url = server.url('bench')
await migrate(url)
const client = new Client({ connectionString: url })
await client.connect()
await client.query(`insert into device (id, secret_mac) select 'd' || n, '\\x00' from generate_series(0, 4999) n`)

const T0 = Date.now() - 3_600_000
let run = 0

function items(device: number, epoch: string, from: number, count: number): SampleItem[] {
  const receivedAt = Date.now()
  const origin = { source: 'bench', topic: '', address: { site: 'main', device: `d${device}` }, receivedAt, payload: Buffer.alloc(0) }
  return Array.from({ length: count }, (_, i) => ({
    kind: 'sample',
    from: origin,
    epoch,
    seq: from + i,
    t: T0 + (from + i) * 1_000,
    flags: 0,
    values: { pr: 72, spo2: 97.5, temp: 36.8, rr: 14, pi: 3.1 },
    quality: undefined,
    other: undefined,
  }))
}

/** Batches as the bridge meets them: every device in turn, its numbers rising. */
function batches(devices: number, size: number): SampleItem[][] {
  const epoch = `e${run++}`
  const perDevice = Math.max(1, Math.floor(size / devices))
  const next = Array.from({ length: devices }, () => 1)
  const out: SampleItem[][] = []
  let device = 0
  for (let made = 0; made < rows; ) {
    const batch: SampleItem[] = []
    while (batch.length < size) {
      batch.push(...items(device, epoch, next[device] as number, perDevice))
      next[device] = (next[device] as number) + perDevice
      device = (device + 1) % devices
    }
    made += batch.length
    out.push(batch)
  }
  return out
}

async function timed(run: () => Promise<number>): Promise<number> {
  await client.query('truncate sample')
  await client.query('checkpoint')
  const beganAt = performance.now()
  const stored = await run()
  const seconds = (performance.now() - beganAt) / 1000
  const { rows: [counted] } = await client.query<{ n: string }>('select count(*) as n from sample')
  if (Number(counted?.n) !== stored) process.exitCode = 1
  return stored / seconds
}

async function throughStore(work: SampleItem[][]): Promise<number> {
  const store = openStore({ url, bridgeId: `bench${run}`, marks: createDirtyMarks(systemClock), clock: systemClock, onConnected: () => {}, onFailure: () => {} })
  await store.commit(items(0, `warm${run}`, 1, 1))
  await client.query('truncate sample')
  const rate = await timed(async () => {
    let stored = 0
    for (const batch of work) stored += (await store.commit(batch)).samples
    return stored
  })
  await store.close()
  return rate
}

async function plainCopy(work: SampleItem[][]): Promise<number> {
  const database = createConnection({ url, name: 'bench' })
  const writer = new ByteWriter()
  const rate = await timed(async () => {
    let stored = 0
    for (const batch of work) {
      await database.use(async (connection) => {
        await connection.query({ text: 'begin' })
        await connection.copyAndCommit(copySamples, encodeSampleRows(batch.map((item, i) => ({ item, deviceNo: 1 + (i % 50), ledgerNo: 1 })), writer))
      })
      stored += batch.length
    }
    return stored
  })
  await database.close()
  return rate
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

for (const devices of [50, 500, 5_000]) {
  for (const size of [100, 1_000, 5_000]) {
    const store: number[] = []
    const copy: number[] = []
    for (let round = 0; round < rounds; round++) {
      store.push(await throughStore(batches(devices, size)))
      copy.push(await plainCopy(batches(devices, size)))
    }
    process.stdout.write(`${JSON.stringify({ devices, batch: size, rowsPerSecond: Math.round(median(store)), plainCopy: Math.round(median(copy)), ratio: Number((median(store) / median(copy)).toFixed(2)) })}\n`)
  }
}
await client.end()
await server.stop()
