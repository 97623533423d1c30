import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '@vigil/program'
import { startTestPostgres, until } from '@vigil/ops/testing'
import { handBridge } from '../../../ingest-bridge/test/support/hand-bridge.ts'
import { query } from '../../bench/stage/sql.ts'

/**
 * The disk of a real PostgreSQL fills up under load, and is given room again. Run by `npm run faults -- --real-faults`, whose folder for temporary files is
 * a small disk of its own then; never by hand on a disk that anybody needs.
 */
const BEFORE = 2_000
/** More than the pages hold that are there already. */
const MOST = 18_000
const AT_ONCE = 500
const DEVICE = 'bed-1'
const FILL_BYTES = 1 << 20
const AWAY_WITHIN_MS = 60_000
const BACK_WITHIN_MS = 90_000

const postgres = await startTestPostgres({ survives: 'power-cut', settings: ['max_wal_size=64MB', 'min_wal_size=32MB', 'shared_buffers=16MB'] })
const url = await postgres.createDatabase()
await query(url, `insert into device (id, secret_mac) values ($1, '\\x00')`, [DEVICE])
const hand = handBridge(url)
const health = () => hand.bridge.health().find(({ name }) => name === 'database')
const upto = () => Math.max(0, ...hand.source.receipts.map((receipt) => receipt.upto))
let sent = 0

function send(count: number): void {
  for (let i = 0; i < count; i++) deliver(++sent)
}

function deliver(s: number): void {
  hand.source.deliver(DEVICE, 'tele', { e: 'a1', s, t: systemClock.now(), m: { pr: 70, spo2: 97.5 } })
}

/** Writes until nothing more goes in. */
function fillDisk(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (let size = FILL_BYTES; size >= 512; ) {
      try {
        writeSync(file, Buffer.alloc(size))
      } catch {
        size >>= 1
      }
    }
  } finally {
    closeSync(file)
  }
}

send(BEFORE)
await until('the first are receipted', BACK_WITHIN_MS, () => upto() >= BEFORE || undefined)
const filler = join(tmpdir(), 'filler')
fillDisk(filler)
await until('the full disk is noticed', AWAY_WITHIN_MS, async () => {
  if (sent < MOST) send(AT_ONCE)
  await pause(systemClock, 50)
  return health()?.ok === false || undefined
})
const [receiptedWhileFull, why] = [upto(), health()?.detail]
rmSync(filler)
// A server whose log found no room has ended itself; its supervisor starts it again.
if (!(await query(url, 'select 1').then(() => true, () => false))) await postgres.restart().catch(() => undefined)
await until('everything is receipted', BACK_WITHIN_MS, async () => {
  // A device sends again what no receipt covers, once what is on the way has been settled.
  if (hand.source.unsettled() === 0) for (let s = upto() + 1; s <= sent; s++) deliver(s)
  await pause(systemClock, 200)
  return upto() >= sent || undefined
})
const [row] = await query<{ rows: string; numbers: string }>(url, 'select count(*) as rows, count(distinct seq) as numbers from sample')
const isWhole = Number(row?.rows) === sent && Number(row?.numbers) === sent
process.stdout.write(`disk full: ${sent} sent, ${receiptedWhileFull} receipted when it was noticed (${why}), ${row?.rows} rows and ${row?.numbers} numbers afterwards: ${isWhole ? 'each exactly once' : 'NOT WHOLE'}\n`)
await hand.stop()
await postgres.stop()
process.exit(isWhole ? 0 : 1)
