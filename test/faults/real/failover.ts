import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, silentLog, systemClock } from '@vigil/program'
import { freePort, startTestPostgres, until } from '@vigil/ops/testing'
import { Client } from 'pg'
import { handBridge } from '../../../ingest-bridge/test/support/hand-bridge.ts'
import { proxyTo } from '../../../ingest-bridge/test/support/pg-proxy.ts'
import { spawnPostmaster } from '../../../ops/src/postgres/postmaster.ts'
import { preparePrograms, SHARED_STATE } from '../../../ops/src/postgres/programs.ts'
import { chooseRunUser } from '../../../ops/src/postgres/run-user.ts'
import { query } from '../../bench/stage/sql.ts'

/**
 * A PostgreSQL that fails over: a stand-by that was behind is promoted when the first server is killed, and the address moves to it. What had been
 * receipted and had not come across is asked for again. Run by `npm run faults -- --real-faults`.
 */
const DEVICE = 'bed-1'
const BATCH = 500
const WITHIN_MS = 60_000

const primary = await startTestPostgres({ survives: 'power-cut', settings: ['wal_keep_size=256MB', 'max_wal_size=256MB'] })
const url = await primary.createDatabase()
await query(url, `insert into device (id, secret_mac) values ($1, '\\x00')`, [DEVICE])

const at = (address: string, port: number): string => {
  const moved = new URL(address)
  moved.port = String(port)
  return moved.href
}

const standby = await startStandby()
const proxy = await proxyTo(primary.port)
const through = at(url, Number(new URL(proxy.url('x')).port))
const hand = handBridge(through)
const upto = () => hand.source.receipts.at(-1)?.upto ?? 0
const rewinds = () => hand.source.receipts.filter(({ rewind }) => rewind !== undefined).length
let sent = 0

const deliver = (s: number) => void hand.source.deliver(DEVICE, 'tele', { e: 'a1', s, t: systemClock.now(), m: { pr: 70, spo2: 97.5 } })
async function sendAndWait(count: number): Promise<void> {
  for (let i = 0; i < count; i++) deliver(++sent)
  await until('receipts for all', WITHIN_MS, () => upto() >= sent || undefined)
}

await sendAndWait(BATCH)
await until('the stand-by to have followed', WITHIN_MS, async () => ((await query<{ n: string }>(at(url, standby.port), 'select count(*) as n from sample'))[0]?.n === String(sent) ? true : undefined))
await standby.cutOff()
// This never comes across: the stand-by is behind when it takes over.
await sendAndWait(BATCH)
await primary.kill()
await standby.promote()
proxy.moveTo(standby.port)
proxy.cut()
const receiptedBefore = sent
await until('a rewind, or all of it', WITHIN_MS, async () => {
  if (hand.source.unsettled() === 0) deliver(++sent)
  await pause(systemClock, 200)
  return rewinds() > 0 || undefined
})
const from = hand.source.receipts.findLast(({ rewind }) => rewind !== undefined)?.rewind ?? 0
for (let s = from; s <= sent; s++) deliver(s)
await until('everything to be receipted by the new server', WITHIN_MS, () => (hand.source.unsettled() === 0 && upto() >= sent) || undefined)
const [row] = await query<{ rows: string; numbers: string }>(at(url, standby.port), 'select count(*) as rows, count(distinct seq) as numbers from sample')
const isWhole = Number(row?.rows) === sent && Number(row?.numbers) === sent
process.stdout.write(`failover: ${receiptedBefore} receipted by the first server, the second asked again from ${from} on, ${row?.rows} rows and ${row?.numbers} numbers of ${sent} there afterwards: ${isWhole ? 'each exactly once' : 'NOT WHOLE'}\n`)
await hand.stop()
await proxy.close()
await standby.stop()
await primary.stop()
process.exit(isWhole ? 0 : 1)

/** A copy of the running server that follows its log (PostgreSQL manual, 26.3.3 and 27.2). */
async function startStandby() {
  const [{ folder } = { folder: '' }] = await query<{ folder: string }>(primary.server.superuserUrl, `select current_setting('data_directory') as folder`)
  const place = mkdtempSync(join(tmpdir(), 'vigil-standby-'))
  const directory = join(place, 'data')
  const session = new Client({ connectionString: primary.server.superuserUrl })
  await session.connect()
  await session.query(`select pg_backup_start('standby', true)`)
  cpSync(folder, directory, { recursive: true, filter: (source) => !/postmaster\.(pid|opts)$|pg_wal\/[0-9A-F]{24}$/.test(source) })
  const { rows } = await session.query<{ labelfile: string }>('select labelfile from pg_backup_stop()')
  await session.end()
  writeFileSync(join(directory, 'backup_label'), rows[0]?.labelfile ?? '')
  writeFileSync(join(directory, 'standby.signal'), '')
  const { username, password, port: primaryPort } = new URL(primary.server.superuserUrl)
  writeFileSync(join(directory, 'postgresql.auto.conf'), `primary_conninfo = 'host=127.0.0.1 port=${primaryPort} user=${username} password=${password}'\n`)
  const user = chooseRunUser(folder)
  if (user) {
    spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, place])
    spawnSync('chmod', ['-R', 'u=rwX,go=', place])
  }
  const port = await freePort()
  const postmaster = spawnPostmaster({ programs: preparePrograms(user, { shared: SHARED_STATE, dataDir: place }), directory, port, user, onOutput: (text) => silentLog.info({ text }, 'standby'), settings: [] })
  const superuserUrl = at(primary.server.superuserUrl, port)
  await until('the stand-by to answer', WITHIN_MS, () => query(superuserUrl, 'select 1').then(() => true, () => undefined))
  return {
    port,
    superuserUrl,
    /** It hears nothing more of the first server. */
    async cutOff() {
      await query(superuserUrl, `alter system set primary_conninfo = ''`)
      await query(superuserUrl, 'select pg_reload_conf()')
      await until('the stand-by to be cut off', WITHIN_MS, async () => ((await query(superuserUrl, 'select from pg_stat_wal_receiver')).length === 0 ? true : undefined))
    },
    async promote() {
      await query(superuserUrl, 'select pg_promote(true, 60)')
    },
    async stop() {
      await postmaster.stop(systemClock)
      rmSync(place, { recursive: true, force: true })
    },
  }
}
