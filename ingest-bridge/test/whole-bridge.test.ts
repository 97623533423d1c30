import { connectAsync } from 'mqtt'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startBridge } from '../src/index.ts'
import { connectBoard, reading } from './support/board.ts'
import { startBroker, type TestBroker } from './support/broker.ts'
import { freshDatabase, type TestDatabase } from './support/database.ts'
import { proxyTo } from './support/pg-proxy.ts'
import { freePort } from './support/postgres-server.ts'
import { promisedButMissing, storedOf } from './support/stored.ts'
import { until } from './support/until.ts'

let database: TestDatabase
let broker: TestBroker
const data = mkdtempSync(join(tmpdir(), 'vigil-bridge-'))
beforeAll(async () => {
  database = await freshDatabase()
  broker = await startBroker()
})
afterAll(async () => {
  await broker.close()
  await database.close()
  rmSync(data, { recursive: true })
})

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'cli', 'main.ts')
const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

interface Program {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** Its ready line. */
  ready(): Promise<{ ready: boolean; health: number }>
  exit(): Promise<number | null>
}

function program(args: readonly string[] = [], databaseUrl: string | undefined = database.url): Program {
  const env: Record<string, string> = { PATH: process.env['PATH'] ?? '', VIGIL_MQTT_URL: broker.url, VIGIL_DATA: data, VIGIL_BRIDGE_HEALTH_PORT: '0', VIGIL_MLLP_PORT: '0', VIGIL_AMQP_PORT: '0' }
  if (databaseUrl !== undefined) env['DATABASE_URL'] = databaseUrl
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (texts.out += chunk))
  child.stderr.on('data', (chunk) => (texts.err += chunk))
  running.add(child)
  const exited = new Promise<number | null>((resolve) =>
    child.on('exit', (code) => {
      running.delete(child)
      resolve(code)
    }),
  )
  return {
    child,
    out: () => texts.out,
    err: () => texts.err,
    async ready() {
      await until(() => texts.out.includes('\n'), `the ready line; so far ${texts.err}`)
      return JSON.parse(texts.out) as { ready: boolean; health: number }
    },
    exit: () => exited,
  }
}

const health = async (port: number) => {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`)
  return { status: response.status, facts: ((await response.json()) as { facts: { name: string; ok: boolean }[] }).facts }
}

describe('the bridge as a program', () => {
  it('prints its ready line, gives a foreign client its receipt, serves figures, and stops cleanly', async () => {
    await database.register('board-1')
    const bridge = program()
    const { health: port } = await bridge.ready()
    const board = await connectBoard(broker.url, 'board-1')
    await board.send('tele', reading('a1', 1, Date.now()))
    await until(() => board.receipts.length > 0, 'the receipt')
    expect(board.receipts).toEqual([{ e: 'a1', upto: 1 }])
    const { status, facts } = await health(port)
    expect(status).toBe(200)
    for (const name of ['mqtt', 'database', 'room']) expect(facts).toContainEqual(expect.objectContaining({ name, ok: true }))
    const figures = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(figures).toMatch(/vigil_bridge_committed_total\{kind="sample",program="bridge"\} 1/)
    expect(figures).toMatch(/vigil_bridge_oldest_seconds\{program="bridge"\} 0/)
    bridge.child.kill('SIGTERM')
    expect(await bridge.exit()).toBe(0)
    expect(broker.clients()).toEqual(['board-1'])
    await board.close()
  })

  it('runs without its database and says so; what it is sent meanwhile is stored when the database is there', async () => {
    await database.register('board-0')
    const port = await freePort()
    const { pathname, port: real } = new URL(database.url)
    const bridge = program([], `postgres://vigil@127.0.0.1:${port}${pathname}`)
    const { health: at } = await bridge.ready()
    const board = await connectBoard(broker.url, 'board-0')
    await board.send('tele', reading('a1', 1, Date.now()))
    await until(async () => (await health(at)).status === 503, 'the health fact')
    const { facts } = await health(at)
    for (const fact of [{ name: 'mqtt', ok: true }, { name: 'database', ok: false }]) expect(facts).toContainEqual(expect.objectContaining(fact))
    const way = await proxyTo(Number(real), port)
    await until(() => board.receipts.length > 0, 'the receipt')
    await until(async () => (await health(at)).status === 200, 'the health fact')
    bridge.child.kill('SIGTERM')
    expect(await bridge.exit()).toBe(0)
    await board.close()
    await way.close()
  })

  it('refuses to start without a database to speak of, with a sentence', async () => {
    const bridge = program([], '')
    expect(await bridge.exit()).toBe(1)
    expect(bridge.err()).toContain('set DATABASE_URL')
  })

  it('prints its help', async () => {
    const bridge = program(['--help'])
    expect(await bridge.exit()).toBe(0)
    expect(bridge.out()).toContain('VIGIL_BRIDGE_HEALTH_PORT')
  })

  it('killed again and again under load: what a board holds a receipt for is stored, each number once', { timeout: 60_000 }, async () => {
    await database.register('board-2')
    const board = await connectBoard(broker.url, 'board-2')
    const everything = Array.from({ length: 2_000 }, (_, i) => i + 1)
    const missing = () => everything.filter((s) => !board.covered('a1').some(([from, to]) => s >= from && s <= to))
    for (let kill = 0; kill < 4; kill++) {
      const bridge = program()
      await bridge.ready()
      const last = 500 * (kill + 1)
      const fatal = last - 400 + 90 * kill
      // A board's own rule: what no receipt covers goes again.
      for (const s of missing().filter((s) => s <= last)) {
        await board.send('tele', reading('a1', s, Date.UTC(2026, 2, 1) + s * 1_000), { qos: 1 })
        if (s === fatal) bridge.child.kill('SIGKILL')
      }
      bridge.child.kill('SIGKILL')
      await bridge.exit()
      const stored = await storedOf(database, 'board-2', 'a1')
      expect(promisedButMissing(board.receipts as never, 'a1', stored)).toEqual([])
      expect(new Set(stored.samples).size).toBe(stored.samples.length)
    }
    const bridge = program()
    await bridge.ready()
    for (const s of missing()) await board.send('backlog', [reading('a1', s, Date.UTC(2026, 2, 1) + s * 1_000)])
    await until(() => missing().length === 0, 'every number to be receipted')
    expect((await storedOf(database, 'board-2', 'a1')).samples).toEqual(everything)
    bridge.child.kill('SIGTERM')
    await bridge.exit()
    await board.close()
  })
})

describe('the bridge and its broker', () => {
  it('comes back by itself when the broker restarts, and answers birth messages that were retained meanwhile', async () => {
    await database.register('board-3')
    const port = await freePort()
    let own = await startBroker(port)
    const bridge = startBridge({ databaseUrl: database.url, mqtt: { url: own.url, username: 'bridge', password: 'x' }, random: () => 0 })
    await bridge.ready()
    await own.close()
    await until(() => !bridge.health()[0]?.ok, 'the bridge to notice')
    own = await startBroker(port)
    const board = await connectBoard(own.url, 'board-3')
    await board.send('state', { st: 'online', e: 'a1', upto: 0 }, { retain: true })
    await until(() => board.receipts.length > 0, 'the answer')
    await board.send('tele', reading('a1', 1, Date.now()))
    await until(() => board.covered('a1').length > 0, 'the receipt')
    await board.close()
    await bridge.stop()
    await own.close()
  })

  it('takes what clients publish with QoS 0 or retained as well, and other topics not at all', async () => {
    await database.register('board-4')
    const bridge = startBridge({ databaseUrl: database.url, mqtt: { url: broker.url, username: 'bridge', password: 'x' } })
    await bridge.ready()
    const board = await connectBoard(broker.url, 'board-4')
    await board.send('tele', reading('a1', 1, Date.now()), { qos: 0 })
    await board.send('tele', reading('a1', 2, Date.now()), { retain: true })
    await board.send('command/reply', { id: 'x' })
    await until(() => board.covered('a1')[0]?.[1] === 2, 'the receipt')
    const other = await connectAsync(broker.url)
    await other.publishAsync('vitals/2/main/board-4/tele', '{}', { qos: 1 })
    await other.endAsync()
    expect((await storedOf(database, 'board-4', 'a1')).samples).toEqual([1, 2])
    expect(await database.query(`select 1 from dead_letter where topic like '%board-4%'`)).toEqual([])
    await board.close()
    await bridge.stop()
  })
})
