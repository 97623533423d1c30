import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { createFramer, latin1, latin1Bytes, toFrame } from '@vigil/contract/hl7/index'
import { freePort } from '@vigil/ops/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StartedBridge } from '../../src/start-bridge.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { makeAuthority } from '@vigil/ops/testing/certificates'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { sendWithNodeHl7, sendWithPythonHl7, sendWithSimpleHl7 } from '../support/foreign-senders.ts'
import { startHl7Bridge } from '../support/hl7-bridge.ts'
import { codeOf, connectMonitor, heartRate, type Monitor, monitorOn } from '../support/monitor.ts'
import { proxyTo } from '../support/pg-proxy.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let broker: TestBroker
let bridge: StartedBridge
let dialled: Server
const dialledSockets: Socket[] = []
const monitors: Monitor[] = []
const started: StartedBridge[] = []

async function start(hl7: Parameters<typeof startHl7Bridge>[2] = {}): Promise<StartedBridge> {
  const one = await startHl7Bridge(database.url, broker.url, hl7)
  started.push(one)
  return one
}

beforeAll(async () => {
  database = await freshDatabase()
  broker = await startBroker()
  dialled = createServer((socket) => void dialledSockets.push(socket))
  const port = await new Promise<number>((resolve) => dialled.listen(0, '127.0.0.1', () => resolve((dialled.address() as { port: number }).port)))
  bridge = await start({ dial: [{ host: '127.0.0.1', port }, { host: '127.0.0.1', port: await freePort() }] })
})
afterEach(() => {
  for (const monitor of monitors.splice(0)) monitor.close()
})
afterAll(async () => {
  for (const one of started) await one.stop()
  dialled.close()
  await broker.close()
  await database.close()
})

async function monitor(): Promise<Monitor> {
  const connected = await connectMonitor(bridge.hl7Port() as number)
  monitors.push(connected)
  return connected
}

const heartRates = async (sender: string) => (await database.query<{ hr: number }>('select s.hr from sample s join device d on d.no = s.device_no where d.id = $1 order by s.t, s.seq', [`hl7-${sender}`])).map(({ hr }) => hr)
const settled = () => until(async () => (await database.query('select 1 from hl7_message where not done')).length === 0, 'every message to be stored')

describe('whatever the network makes of it, a message', () => {
  it('may come byte by byte', async () => {
    const client = await monitor()
    client.socket.setNoDelay(true)
    for (const byte of toFrame(latin1Bytes(heartRate('B1', 72, { sender: 'BYTES' })))) {
      await new Promise<void>((resolve) => client.socket.write(Uint8Array.of(byte), () => resolve()))
    }
    await until(() => client.answers.length === 1, 'an answer')
    expect(codeOf(client.answers[0] as string)).toBe('AA')
  })

  it('may share a segment with two others, with garbage between', async () => {
    const client = await monitor()
    const frames = ['T1', 'T2', 'T3'].map((id, i) => Buffer.from(toFrame(latin1Bytes(heartRate(id, 60 + i, { sender: 'THREE' })))))
    client.socket.write(Buffer.concat([Buffer.from('\r\n'), frames[0] as Buffer, Buffer.from('garbage \0\xff', 'latin1'), frames[1] as Buffer, frames[2] as Buffer, Buffer.from('\r\n\r\n')]))
    await until(() => client.answers.length === 3, 'three answers')
    expect(client.answers.map((answer) => /MSA\|(\w+\|\w+)/.exec(answer)?.[1])).toEqual(['AA|T1', 'AA|T2', 'AA|T3'])
    await settled()
    expect(await heartRates('THREE')).toEqual([60, 61, 62])
  })

  it('may be as large as 1 MiB, and no larger', async () => {
    const client = await monitor()
    const upTo = (size: number) => {
      const head = heartRate('BIG', 70, { sender: 'BIG', more: 'NTE|1||' })
      return `${head}${'n'.repeat(size - head.length - 1)}\r`
    }
    expect(codeOf(await client.ask(upTo(1024 * 1024)))).toBe('AA')
    const other = await monitor()
    other.send(upTo(1024 * 1024 + 1))
    await until(() => other.socket.closed, 'the connection to be closed')
    expect(other.answers).toEqual([])
    await settled()
    expect(await heartRates('BIG')).toEqual([70])
  })

  it('is answered also to a peer that has closed its own half', async () => {
    const client = await monitor()
    client.socket.end(Buffer.from(toFrame(latin1Bytes(heartRate('HALF', 71, { sender: 'HALF' })))))
    await until(() => client.answers.length === 1 && client.socket.closed, 'the answer and the end')
    expect(codeOf(client.answers[0] as string)).toBe('AA')
  })

  it('is safe also when its sender vanished before the answer', async () => {
    const client = await monitor()
    await new Promise<void>((resolve) => client.socket.write(Buffer.from(toFrame(latin1Bytes(heartRate('GONE', 73, { sender: 'GONE' })))), () => resolve()))
    client.socket.resetAndDestroy()
    expect(codeOf(await (await monitor()).ask(heartRate('GONE', 73, { sender: 'GONE' })))).toBe('AA')
    await settled()
    expect(await heartRates('GONE')).toEqual([73])
  })
})

describe('programs of others', () => {
  const port = () => bridge.hl7Port() as number
  it('node-hl7-client is understood and understands the answer', async () => {
    expect(await sendWithNodeHl7(port(), heartRate('N1', 74, { sender: 'NODE' }), '2.6')).toBe('AA N1')
    await settled()
    expect(await heartRates('NODE')).toEqual([74])
  })

  it('simple-hl7 is understood and understands the answer', async () => {
    expect(await sendWithSimpleHl7(port(), heartRate('S1', 75, { sender: 'SIMPLE' }))).toContain('MSA|AA|S1')
    await settled()
    expect(await heartRates('SIMPLE')).toEqual([75])
  })

  it('python-hl7 is understood and understands the answer', async () => {
    expect(await sendWithPythonHl7(port(), heartRate('PY1', 77, { sender: 'PYTHON' }))).toContain('MSA|AA|PY1')
    await settled()
    expect(await heartRates('PYTHON')).toEqual([77])
  })
})

describe('a monitor that listens', () => {
  it('is called up, answered, and called again when it hung up; one that is away disturbs nobody', async () => {
    await until(() => dialledSockets.length === 1, 'the bridge to call')
    const first = monitorOn(dialledSockets[0] as Socket)
    expect(codeOf(await first.ask(heartRate('D1', 61, { sender: 'DIALLED' })))).toBe('AA')
    first.close()
    await until(() => dialledSockets.length === 2, 'the bridge to call again')
    expect(codeOf(await monitorOn(dialledSockets[1] as Socket).ask(heartRate('D2', 62, { sender: 'DIALLED' })))).toBe('AA')
    await settled()
    expect(await heartRates('DIALLED')).toEqual([61, 62])
    expect(bridge.health().find(({ name }) => name === 'hl7')?.detail).toContain('1 of 2 called up')
  })
})

describe('over TLS', () => {
  const authority = makeAuthority('ward')
  const server = authority.sign('bridge')
  const ask = async (port: number, own: { cert: string; key: string } | undefined): Promise<string | undefined> => {
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.ca, ...own })
    const answers: string[] = []
    const framer = createFramer({ onFault: () => undefined })
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => answers.push(...framer.push(chunk).frames.map(latin1)))
    socket.write(toFrame(latin1Bytes(heartRate('TLS1', 81, { sender: 'SECURE' }))))
    await until(() => answers.length > 0 || socket.closed, 'an answer or the end')
    socket.destroy()
    return answers[0]
  }

  it('a monitor with a certificate of the ward is answered; with none, or a stranger\'s, it says nothing to anybody', async () => {
    const secure = await start({ tls: { ...server, clientCa: authority.ca } })
    const port = secure.hl7Port() as number
    expect(codeOf((await ask(port, authority.sign('monitor-7'))) ?? '')).toBe('AA')
    expect(await ask(port, undefined)).toBeUndefined()
    expect(await ask(port, makeAuthority('elsewhere').sign('monitor-7'))).toBeUndefined()
    // Plain MLLP finds no ear here.
    const plain = await connectMonitor(port)
    plain.send(heartRate('PLAIN', 1, { sender: 'SECURE' }))
    await until(() => plain.socket.closed, 'the plain connection to end')
    await settled()
    expect(await heartRates('SECURE')).toEqual([81])
  })

  it('an address that is not listed is turned away', async () => {
    const narrow = await start({ allow: ['192.0.2.7'] })
    const stranger = await connectMonitor(narrow.hl7Port() as number)
    stranger.send(heartRate('X', 1, { sender: 'STRANGER' }))
    await until(() => stranger.socket.closed, 'the connection to end')
    expect(await database.query(`select 1 from hl7_sender where name = 'STRANGER'`)).toEqual([])
  })
})

describe('a bridge that is killed between COMMIT and answer', () => {
  it('has stored the message once when the monitor sends it again', async () => {
    const data = mkdtempSync(join(tmpdir(), 'vigil-hl7-kill-'))
    const proxy = await proxyTo(Number(new URL(database.url).port))
    const port = await freePort()
    const env = { PATH: process.env['PATH'], DATABASE_URL: proxy.url(new URL(database.url).pathname.slice(1)), VIGIL_MQTT_URL: broker.url, VIGIL_DATA: data, VIGIL_BRIDGE_HEALTH_PORT: '0', VIGIL_MLLP_PORT: String(port), VIGIL_AMQP_PORT: '0' }
    const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')], { env, stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
    const client = await connectMonitor(port)
    expect(codeOf(await client.ask(heartRate('K0', 90, { sender: 'KILLED' })))).toBe('AA')
    await settled()
    proxy.holdNextCommitAnswer('vigil-bridge-hl7')
    client.send(heartRate('K1', 91, { sender: 'KILLED' }))
    await until(() => proxy.lost === 1, 'the COMMIT')
    await new Promise<void>((resolve) => void (child.once('exit', () => resolve()), child.kill('SIGKILL')))
    expect(client.answers).toHaveLength(1)
    // The next one to run, on this machine or another.
    const again = await monitor()
    expect(codeOf(await again.ask(heartRate('K1', 91, { sender: 'KILLED' })))).toBe('AA')
    await settled()
    expect(await heartRates('KILLED')).toEqual([90, 91])
    await proxy.close()
    rmSync(data, { recursive: true })
  })
})
