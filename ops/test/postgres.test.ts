import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { silentLog, systemClock } from '@vigil/program'
import { clusterPath } from '../src/postgres/place.ts'
import { withClient } from '../src/postgres/database.ts'
import { startPostgres, type RunningPostgres } from '../src/postgres/start-postgres.ts'
import { identify } from '../src/process/identity.ts'
import { freePort } from '../src/testing/test-postgres.ts'
import { emptyFolder } from './support/folders.ts'
import { until } from './support/until.ts'

const root = process.getuid?.() === 0

async function start(dataDir: string, extra: { port?: number; sharedState?: string } = {}): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir, port: extra.port ?? (await freePort()), clock: systemClock, log: silentLog, sharedState: extra.sharedState ?? join(dataDir, 'shared') })
  onTestFinished(() => postgres.stop())
  return postgres
}

const value = (postgres: RunningPostgres, sql: string) => withClient(postgres.url, async (client) => Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0])

describe('the embedded PostgreSQL', () => {

  it('is made safe: passwords for everyone, checksums, loopback only, and a programs’ role that can do nothing else', async () => {
    const dataDir = emptyFolder()
    const postgres = await start(dataDir)
    expect(await value(postgres, 'show data_checksums')).toBe('on')
    expect(await value(postgres, 'show listen_addresses')).toBe('127.0.0.1')
    expect(await value(postgres, 'show fsync')).toBe('on')
    expect(await value(postgres, 'select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = current_user')).toBe(false)
    expect(await value(postgres, `select datlocale from pg_database where datname = 'vigil'`)).toBe('C.UTF-8')
    const stranger = new URL(postgres.superuserUrl)
    stranger.password = 'guess'
    await expect(withClient(stranger.href, (client) => client.query('select 1'))).rejects.toMatchObject({ code: '28P01' })
    for (const file of readdirSync(join(dataDir, 'secrets'))) expect(statSync(join(dataDir, 'secrets', file)).mode & 0o777).toBe(0o600)
  })

  it('keeps its data over an ordered stop, which leaves no process and no pid file', async () => {
    const dataDir = emptyFolder()
    const first = await start(dataDir)
    await withClient(first.url, (client) => client.query('create table kept as select 42 as answer'))
    await first.stop()
    expect(await first.exited).toEqual({ code: 0, signal: null })
    expect(existsSync(join(clusterPath(dataDir), 'postmaster.pid'))).toBe(false)
    expect(identify(first.pid)).toBeUndefined()
    const second = await start(dataDir)
    expect(await value(second, 'select answer from kept')).toBe(42)
  })

  it('comes back right after a kill -9 with a busy connection, without losing what was committed', async () => {
    const dataDir = emptyFolder()
    const first = await start(dataDir)
    await withClient(first.url, (client) => client.query('create table kept (n int)'))
    const busy = withClient(first.url, (client) => client.query('select pg_sleep(30)')).catch(() => 'cut')
    await withClient(first.url, (client) => client.query('insert into kept values (1)'))
    process.kill(first.pid, 'SIGKILL')
    const second = await start(dataDir)
    expect(await value(second, 'select count(*)::int from kept')).toBe(1)
    expect(await busy).toBe('cut')
  })

  it('ends a server that an earlier run left behind, and starts anew', async () => {
    const dataDir = emptyFolder()
    const orphan = await start(dataDir)
    const next = await start(dataDir)
    await until('the earlier server is gone', () => identify(orphan.pid) === undefined)
    expect(await value(next, 'select 1')).toBe(1)
  })

  it('leaves a foreign process alone whose number stands in an old pid file', async () => {
    const dataDir = emptyFolder()
    await (await start(dataDir)).stop()
    const foreign = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    onTestFinished(() => void foreign.kill())
    writeFileSync(join(clusterPath(dataDir), 'postmaster.pid'), `${foreign.pid}\n${clusterPath(dataDir)}\n`)
    const postgres = await start(dataDir)
    expect(await value(postgres, 'select 1')).toBe(1)
    expect(identify(foreign.pid as number)).toBeDefined()
  })

  it('names the port and the setting when the port is taken, and leaves nothing running', async () => {
    const dataDir = emptyFolder()
    const taken = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => void taken.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void taken.close())
    await expect(start(dataDir, { port })).rejects.toMatchObject({ code: 'PORT_TAKEN', message: `Port ${port} is in use by another program. Stop it, or choose another port with VIGIL_PG_PORT.` })
    expect(existsSync(join(clusterPath(dataDir), 'postmaster.pid'))).toBe(false)
  })

  it('begins again when making the database was cut short', async () => {
    const dataDir = emptyFolder()
    mkdirSync(`${clusterPath(dataDir)}.making/base`, { recursive: true })
    writeFileSync(`${clusterPath(dataDir)}.making/half`, 'half')
    const postgres = await start(dataDir)
    expect(await value(postgres, 'select 1')).toBe(1)
    expect(existsSync(`${clusterPath(dataDir)}.making`)).toBe(false)
  })

  it('asks for the secrets folder when the database is there without its password', async () => {
    const dataDir = emptyFolder()
    await (await start(dataDir)).stop()
    rmSync(join(dataDir, 'secrets'), { recursive: true })
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'START_FAILED', message: expect.stringContaining('secrets') })
  })

  it('runs for root in a folder closed to everyone else, with the database kept within reach and linked', async () => {
    const closed = emptyFolder()
    const dataDir = join(closed, 'data')
    const shared = emptyFolder()
    chmodSync(shared, 0o755)
    chmodSync(closed, 0o700)
    const postgres = await start(dataDir, { sharedState: shared })
    // An ordinary user owns the closed folder and needs no other place.
    expect(lstatSync(clusterPath(dataDir)).isSymbolicLink()).toBe(root)
    await withClient(postgres.url, (client) => client.query('create table kept (n int)'))
    await postgres.stop()
    const again = await start(dataDir, { sharedState: shared })
    expect(await value(again, 'select count(*)::int from kept')).toBe(0)
    expect(readFileSync(join(clusterPath(dataDir), 'PG_VERSION'), 'utf8').trim()).toBe('18')
  })
})
