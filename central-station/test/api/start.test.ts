import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLog, systemClock } from '@vigil/program'
import { startCentralStation, type CentralStation, type CentralStationOptions } from '../../src/index.ts'
import { apiWith, signIn } from '../support/api.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { freePort, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { until } from '@vigil/ops/testing'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

describe('starting', () => {
  let postgres: TestPostgres
  let broker: TestBroker
  let data: string
  const running: CentralStation[] = []
  const children: ChildProcess[] = []

  beforeAll(async () => {
    postgres = await startPostgres()
    broker = await startBroker()
  })
  afterAll(async () => {
    await broker?.stop()
    await postgres?.stop()
  })
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'vigil-start-'))
  })
  afterEach(async () => {
    for (const station of running.splice(0)) await station.stop()
    for (const child of children.splice(0)) child.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
  })

  const start = async (more: Partial<CentralStationOptions> = {}) => {
    const station = await startCentralStation({ data, databaseUrl: await postgres.database(), mqttUrl: broker.url, bind: '127.0.0.1', httpPort: 0, clock: systemClock, log: silentLog, webDist: join(data, 'web'), alarmEngine: 'inside', ...more })
    running.push(station)
    return station
  }
  /** The program itself, as the supervisor runs it. */
  const program = async (env: Record<string, string>) => {
    const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env['PATH'] ?? '', VIGIL_DATA: data, DATABASE_URL: await postgres.database(), VIGIL_MQTT_URL: broker.url, VIGIL_HTTP_PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    const said = { out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => { said.out += chunk.toString() })
    child.stderr.on('data', (chunk: Buffer) => { said.err += chunk.toString() })
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', resolve)
    })
    return { child, said, ended }
  }

  it('makes the first administrator once, and shows a password nobody chose only then', async () => {
    const databaseUrl = await postgres.database()
    const first = await start({ databaseUrl })
    expect(first.admin).toEqual({ created: true, password: expect.stringMatching(/^[\w-]{20}$/) })
    await signIn(first.http, 'admin', first.admin.password ?? '')
    expect((await start({ databaseUrl })).admin).toEqual({ created: false })
    expect((await start({ adminPassword: 'chosen by the operator' })).admin).toEqual({ created: true })
  })

  it('says ready with the address and whether there is a new administrator, never the password in the log', async () => {
    const { child, said, ended } = await program({})
    const line = await until('the ready line', 15_000, () => said.out.split('\n').find((l) => l.includes('"ready":true')))
    expect(JSON.parse(line)).toMatchObject({ ready: true, program: 'central-station', http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), adminCreated: true })
    const password = /^First administrator: user admin, password (\S+) \(shown only this once\)$/m.exec(said.err)?.[1] ?? ''
    await signIn((JSON.parse(line) as { http: string }).http, 'admin', password)
    expect([said.out.split(password).length, said.err.split(password).length]).toEqual([1, 2])
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  it('a taken port is one clear line naming port and setting, and exit code 1', async () => {
    const port = await freePort()
    const other = createServer().listen(port, '127.0.0.1')
    const { said, ended } = await program({ VIGIL_HTTP_PORT: String(port) })
    expect(await ended).toBe(1)
    expect(said.err.trim().split('\n')).toHaveLength(1)
    expect(said.err).toContain(`Port ${port} is in use by another program. Stop it, or choose another port with VIGIL_HTTP_PORT.`)
    expect(said.out).toBe('')
    other.close()
  })

  it('beyond loopback without TLS it refuses to start, before anything listens', async () => {
    await expect(start({ bind: '0.0.0.0' })).rejects.toMatchObject({ code: 'UNSAFE_BIND' })
    await expect(start({ bind: '::', tlsCert: 'only-one' })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' })
    await expect(start({ tlsCert: '/no/such/file', tlsKey: '/no/such/file' })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' })
  })

  it('with TLS the cookie is bound to the host and sent over TLS alone', async () => {
    const [cert, key] = [join(data, 'cert.pem'), join(data, 'key.pem')]
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'])
    expect(made.status).toBe(0)
    const station = await start({ tlsCert: cert, tlsKey: key, adminPassword: 'chosen by the operator', bind: '0.0.0.0' })
    const url = new URL(station.http.replace('0.0.0.0', '127.0.0.1'))
    expect(url.protocol).toBe('https:')
    const headers = await new Promise<Record<string, string | string[] | undefined>>((resolve, reject) => {
      const body = JSON.stringify({ username: 'admin', password: 'chosen by the operator' })
      const call = request({ host: '127.0.0.1', port: url.port, path: '/api/v1/session', method: 'POST', ca: readFileSync(cert), servername: 'localhost', checkServerIdentity: () => undefined, headers: { 'content-type': 'application/json', 'content-length': body.length } }, (response) => {
        response.resume()
        resolve(response.headers)
      })
      call.on('error', reject)
      call.end(body)
    })
    expect(headers['set-cookie']?.[0]).toMatch(/^__Host-vigil=[\w-]{43}; Path=\/; .*HttpOnly; Secure; SameSite=Strict$/)
    expect(headers['strict-transport-security']).toContain('max-age')
  })

  it('waits for a database that is not there yet, and says so to who asks', async () => {
    const port = await freePort()
    const { said } = await program({ DATABASE_URL: `postgres://vigil@127.0.0.1:${port}/nowhere`, VIGIL_HTTP_PORT: String(await freePort()) })
    await until('a word about waiting', 10_000, () => (said.err.includes('station.waits_for_database') ? true : undefined))
    expect(said.out).toBe('')
  })

  it('waits for the tables of a database that was not migrated', async () => {
    const databaseUrl = await postgres.database()
    await run(databaseUrl, ['alter table ward rename to ward_not_yet'])
    const httpPort = await freePort()
    const starting = start({ databaseUrl, httpPort })
    const early = apiWith(`http://127.0.0.1:${httpPort}`, '')
    await until('the port to be taken', 5_000, () => early.ask('GET', '/me').then((answer) => (answer.body.code === 'NOT_READY' ? true : undefined), () => undefined))
    expect((await early.ask('GET', '/health/live')).status).toBe(200)
    await run(databaseUrl, ['alter table ward_not_yet rename to ward'])
    await starting
    expect((await early.ask('GET', '/health/live')).status).toBe(200)
  })

  it('starts without a broker, says so, and finds it when it comes', async () => {
    const port = await freePort()
    const station = await start({ mqttUrl: `mqtt://127.0.0.1:${port}` })
    const api = apiWith(station.http, '')
    expect((await api.ask('GET', '/health/ready')).body).toMatchObject({ ok: false, facts: [{ name: 'database', ok: true }, { name: 'broker', ok: false }, { name: 'alarm engine', ok: true }] })
    const late = await startBroker(port)
    await until('the broker to be found', 15_000, async () => ((await api.ask('GET', '/health/ready')).status === 200 ? true : undefined))
    await late.stop()
  })

  it('serves the app: every page is its index, hashed files are kept for ever, and no script from elsewhere runs', async () => {
    mkdirSync(join(data, 'web', 'assets'), { recursive: true })
    writeFileSync(join(data, 'web', 'index.html'), '<!doctype html><title>Vigil</title>')
    writeFileSync(join(data, 'web', 'assets', 'app-abc123.js'), 'export {}')
    const station = await start()
    const fetchIt = async (path: string) => {
      const response = await fetch(`${station.http}${path}`)
      return { status: response.status, type: response.headers.get('content-type'), cache: response.headers.get('cache-control'), csp: response.headers.get('content-security-policy') ?? '', text: await response.text() }
    }
    for (const path of ['/', '/ward/east', '/patient/1/live?x=1']) expect(await fetchIt(path)).toMatchObject({ status: 200, type: expect.stringContaining('text/html'), cache: 'no-cache', text: expect.stringContaining('Vigil') })
    expect(await fetchIt('/assets/app-abc123.js')).toMatchObject({ status: 200, cache: 'public, max-age=31536000, immutable' })
    writeFileSync(join(data, 'web', 'assets', 'app-abc123.js.gz'), gzipSync('export {}'))
    const packed = await fetch(`${station.http}/assets/app-abc123.js`, { headers: { 'accept-encoding': 'gzip' } })
    expect([packed.headers.get('content-encoding'), packed.headers.get('content-type'), packed.headers.get('cache-control'), await packed.text()]).toEqual(['gzip', expect.stringContaining('javascript'), 'public, max-age=31536000, immutable', 'export {}'])
    for (const path of ['/assets/old-999.js', '/api/v1/nothing', '/api', '/favicon.ico', '/../../etc/passwd.txt', '/%2e%2e/%2e%2e/etc/passwd.txt']) expect(await fetchIt(path)).toMatchObject({ status: 404, cache: 'no-store' })
    const { csp } = await fetchIt('/')
    expect(csp).toContain("default-src 'self'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).not.toMatch(/unsafe|http:|\*/)
  })

  it('without a built app it says what to do', async () => {
    const station = await start()
    expect((await apiWith(station.http, '').ask('GET', `${station.http}/ward/east`)).body).toMatchObject({ code: 'NOT_FOUND', detail: expect.stringContaining('npm run build') })
  })

  it('shows its health and figures without naming anybody', async () => {
    const station = await start({ adminPassword: 'chosen by the operator' })
    const api = apiWith(station.http, '')
    expect((await api.ask<{ ok: boolean }>('GET', '/health/live')).body).toEqual({ ok: true })
    const ready = await until('both connections', 5_000, async () => {
      const answer = await api.ask<{ ok: boolean }>('GET', '/health/ready')
      return answer.status === 200 ? answer.body : undefined
    })
    expect(ready).toEqual({ ok: true, facts: [{ name: 'database', ok: true }, { name: 'broker', ok: true }, { name: 'alarm engine', ok: true }] })
    const metrics = (await api.ask<string>('GET', '/metrics')).body
    for (const name of ['vigil_live_viewers', 'vigil_database_up', 'vigil_broker_up', 'vigil_journal_bytes', 'vigil_live_dropped_total', 'process_cpu_seconds_total']) expect(metrics).toContain(name)
  })
})
