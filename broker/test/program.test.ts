import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLog, systemClock, createMetrics } from '@vigil/program'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryVerifiers, startBroker } from '../src/index.ts'
import { rawTcp, rawTls, signIn } from './support/raw-client.ts'
import { PEPPER, SERVICES } from './support/test-broker.ts'
import { until } from './support/until.ts'

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
/** Nothing listens there: the broker has to start without its database. */
const NO_DATABASE = 'postgres://vigil@127.0.0.1:1/vigil'

interface Program {
  readonly child: ChildProcess
  said(): string
  logged(): string
  ready(): Promise<Record<string, number>>
  ended(): Promise<number | null>
}

describe('the broker program', () => {
  let data: string
  let programs: ChildProcess[]
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'vigil-broker-'))
    programs = []
  })
  afterEach(() => {
    for (const child of programs) child.kill('SIGKILL')
    rmSync(data, { recursive: true })
  })

  const run = (env: Record<string, string> = {}, args: string[] = []): Program => {
    const free = { VIGIL_MQTT_PORT: '0', VIGIL_MQTTS_PORT: '0', VIGIL_MQTT_WS_PORT: '0', VIGIL_BROKER_HEALTH_PORT: '0' }
    const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env['PATH'] ?? '', VIGIL_DATA: data, DATABASE_URL: NO_DATABASE, ...free, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    programs.push(child)
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    return {
      child,
      said: () => out,
      logged: () => err,
      ended: () => ended,
      async ready() {
        await until(`the ready line comes (log: ${err})`, () => out.includes('\n') || child.exitCode !== null, 15_000)
        return JSON.parse(out) as Record<string, number>
      },
    }
  }

  it('starts without its database, serves its programs on every listener, tells how it is, and stops when asked', async () => {
    const program = run()
    const ready = await program.ready()
    expect(ready).toMatchObject({ ready: true, program: 'vigil-broker', mqtt: expect.any(Number), mqtts: expect.any(Number), ws: expect.any(Number), health: expect.any(Number) })
    const { central } = JSON.parse(readFileSync(join(data, 'secrets', 'services.json'), 'utf8')) as { central: string }
    const ca = readFileSync(join(data, 'tls', 'ca.crt'), 'utf8')
    for (const client of [await rawTcp(ready['mqtt'] ?? 0), await rawTls(ready['mqtts'] ?? 0, ca)]) {
      expect((await signIn(client, { username: 'central', password: central, clientId: 'central-1' })).returnCode).toBe(0)
    }
    expect(statSync(join(data, 'tls', 'server.key')).mode & 0o777).toBe(0o600)
    expect(program.logged()).toMatch(/broker\.development_ca/)
    expect(program.logged()).not.toContain(central)

    const health = await fetch(`http://127.0.0.1:${ready['health']}/health`)
    expect(health.status).toBe(503)
    expect(await health.json()).toMatchObject({ facts: [{ name: 'listeners', ok: true }, { name: 'registry', ok: false, detail: 'database away, 0 devices remembered' }] })
    const metrics = await (await fetch(`http://127.0.0.1:${ready['health']}/metrics`)).text()
    for (const name of ['vigil_broker_clients', 'vigil_broker_published_total', 'vigil_broker_delivered_total', 'vigil_broker_refused_total', 'vigil_broker_queued_bytes', 'vigil_broker_registry_up', 'vigil_broker_verifiers', 'vigil_broker_verifiers_age_seconds']) expect(metrics).toContain(name)

    program.child.kill('SIGTERM')
    expect(await program.ended()).toBe(0)
  })

  it('says which port is taken and which setting changes it, and leaves nothing behind', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const program = run({ VIGIL_MQTTS_PORT: String(port) })
    expect(await program.ended()).toBe(1)
    expect(program.logged()).toContain(`Port ${port} is in use by another program. Stop it, or choose another port with VIGIL_MQTTS_PORT.`)
    other.close()
  })

  it.each([
    ['no database', { DATABASE_URL: '' }, /DATABASE_URL/],
    ['half a certificate', { VIGIL_TLS_CERT: '/nowhere.pem' }, /VIGIL_TLS_KEY/],
    ['a certificate that is not there', { VIGIL_TLS_CERT: '/nowhere.pem', VIGIL_TLS_KEY: '/nowhere.key' }, /VIGIL_TLS_CERT/],
    ['an unknown way to acknowledge', { VIGIL_PUBACK: 'maybe' }, /VIGIL_PUBACK/],
  ])('refuses to start with %s, and names the setting', async (_what, env, words) => {
    const program = run(env)
    expect(await program.ended()).toBe(1)
    expect(program.logged()).toMatch(words)
  })

  it('explains its settings', async () => {
    const program = run({}, ['--help'])
    expect(await program.ended()).toBe(0)
    for (const setting of ['VIGIL_MQTT_PORT', 'VIGIL_BIND', 'VIGIL_PUBACK']) expect(program.said()).toContain(setting)
  })

  it('opens only what is encrypted beyond loopback', async () => {
    // On Linux all of 127/8 is this machine, and 127.0.0.2 is not where the plain listener is.
    const lan = Object.values(networkInterfaces()).flatMap((list) => list ?? []).find(({ internal, family }) => !internal && family === 'IPv4')?.address
    const address = process.platform === 'linux' ? '127.0.0.2' : lan
    const ready = await run({ VIGIL_BIND: '0.0.0.0' }).ready()
    expect(Object.keys(ready)).toEqual(expect.arrayContaining(['mqtt', 'mqtts', 'ws']))
    const plainWebSocket = await fetch(`http://127.0.0.1:${ready['ws']}/`).then(() => 'plain', () => 'encrypted')
    expect(plainWebSocket).toBe('encrypted')
    await rawTcp(ready['mqtt'] ?? 0)
    expect(address, 'this test needs a second address of this machine').toBeDefined()
    const reach = (port: number) => fetch(`http://${address}:${port}/`).then(() => 'reached', (error: Error & { cause?: { code?: string } }) => error.cause?.code)
    expect(await reach(ready['mqtt'] ?? 0)).toBe('ECONNREFUSED')
    expect(await reach(ready['mqtts'] ?? 0)).not.toBe('ECONNREFUSED')
  })
})

describe('the broker as a part of another program', () => {
  const base = { verifiers: memoryVerifiers(PEPPER), pepper: PEPPER, services: SERVICES, log: silentLog, clock: systemClock }

  it('does not listen beyond loopback without encryption', async () => {
    await expect(startBroker({ ...base, metrics: createMetrics('t'), ports: { mqtt: 0 }, plainBind: '0.0.0.0' })).rejects.toMatchObject({ code: 'UNSAFE_BIND' })
    await expect(startBroker({ ...base, metrics: createMetrics('t'), ports: { ws: 0 }, bind: '0.0.0.0' })).rejects.toMatchObject({ code: 'UNSAFE_BIND' })
    await expect(startBroker({ ...base, metrics: createMetrics('t'), ports: { mqtts: 0 } })).rejects.toMatchObject({ code: 'UNSAFE_BIND' })
  })
})
