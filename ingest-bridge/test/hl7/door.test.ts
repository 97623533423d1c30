import { connectAsync } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StartedBridge } from '../../src/start-bridge.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { startHl7Bridge } from '../support/hl7-bridge.ts'
import { authoredMessage, codeOf, connectMonitor, heartRate, type Monitor } from '../support/monitor.ts'
import { type PgProxy, proxyTo } from '../support/pg-proxy.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let broker: TestBroker
let proxy: PgProxy
let bridge: StartedBridge
const monitors: Monitor[] = []

const start = (): Promise<StartedBridge> => startHl7Bridge(proxy.url(new URL(database.url).pathname.slice(1)), broker.url)

beforeAll(async () => {
  database = await freshDatabase()
  broker = await startBroker()
  proxy = await proxyTo(Number(new URL(database.url).port))
  bridge = await start()
})
afterEach(() => {
  for (const monitor of monitors.splice(0)) monitor.close()
})
afterAll(async () => {
  await bridge.stop()
  await proxy.close()
  await broker.close()
  await database.close()
})

async function monitor(): Promise<Monitor> {
  const connected = await connectMonitor(bridge.hl7Port() as number)
  monitors.push(connected)
  return connected
}

const rows = (device: string) => database.query<{ hr: number | null; spo2: number | null; other: unknown }>('select s.hr, s.spo2, s.other from sample s join device d on d.no = s.device_no where d.id = $1 order by s.t, s.seq', [device])
const settled = () => until(async () => (await database.query('select 1 from hl7_message where not done')).length === 0, 'every message to be stored', 15_000)

describe('a monitor that sends HL7 v2', () => {
  it('is answered when its message is committed, and its values are a device\'s', async () => {
    const answer = await (await monitor()).ask(authoredMessage('pcd01-vitals'))
    expect(codeOf(answer)).toBe('CA')
    expect(answer).toContain('MSA|CA|PCD1')
    expect(await database.query('select kind from hl7_message')).toEqual([{ kind: 'ORU^R01' }])
    await settled()
    const stored = await rows('hl7-0011223344556677')
    expect(stored).toHaveLength(2)
    expect(stored.map(({ hr, spo2 }) => [hr, spo2])).toEqual([[null, null], [72, 97]])
  })

  it('may send the same bytes again without a second row, and the same id with other bytes', async () => {
    const client = await monitor()
    const sender = 'AGAIN'
    const answers = [await client.ask(heartRate('1', 70, { sender })), await client.ask(heartRate('1', 70, { sender })), await client.ask(heartRate('1', 71, { sender }))]
    expect(answers.map(codeOf)).toEqual(['AA', 'AA', 'AA'])
    await settled()
    expect((await rows('hl7-AGAIN')).map(({ hr }) => hr)).toEqual([70, 71])
  })

  it('is not told that a message is safe when the answer to COMMIT was lost, and its second try is stored once', async () => {
    const client = await monitor()
    const message = heartRate('L1', 66, { sender: 'LOST' })
    await client.ask(heartRate('L0', 65, { sender: 'LOST' }))
    proxy.loseNextCommitAnswer('vigil-bridge-hl7')
    const first = codeOf(await client.ask(message))
    expect(first).toBe('AE')
    expect(codeOf(await client.ask(message))).toBe('AA')
    await settled()
    expect((await rows('hl7-LOST')).map(({ hr }) => hr)).toEqual([65, 66])
  })

  it('hears AE while the database is away, and AA when it is back', async () => {
    const client = await monitor()
    await client.ask(heartRate('D0', 60, { sender: 'DOWN' }))
    proxy.blackHole(true)
    expect(codeOf(await client.ask(heartRate('D1', 61, { sender: 'DOWN' })))).toBe('AE')
    proxy.blackHole(false)
    proxy.cut()
    await until(async () => codeOf(await client.ask(heartRate('D1', 61, { sender: 'DOWN' }))) === 'AA', 'the database to be back')
    await settled()
    expect((await rows('hl7-DOWN')).map(({ hr }) => hr)).toEqual([60, 61])
  })

  it.each([
    ['another kind of message', heartRate('K', 70).replace('ORU^R01^ORU_R01', 'ADT^A01'), 'AR', '200'],
    ['an event of it nobody here knows', heartRate('K', 70).replace('ORU^R01^ORU_R01', 'ORU^R99'), 'AR', '201'],
    ['training data of a real device', heartRate('K', 70).replace('|P|2.6', '|T|2.6'), 'AR', '202'],
    ['no control id', heartRate('', 70), 'AE', '101'],
    ['no header', 'PID|1\rOBX|1\r', 'AR', '100'],
  ])('is told why for %s', async (_, message, code, error) => {
    const answer = await (await monitor()).ask(message)
    expect(codeOf(answer)).toBe(code)
    expect(answer).toMatch(new RegExp(`\\rERR.*${error}`))
  })

  it('learns which row gave no value, without the value', async () => {
    const answer = await (await monitor()).ask(heartRate('R', 71, { sender: 'ROWS', more: 'OBX|2|NM|150456^MDC_TEMP^MDC|1|97.25|%|||||F\rOBX|3|NM|147842^MDC_ECG_HEART_RATE^MDC|1|32767|/min|||||F\r' }))
    expect(codeOf(answer)).toBe('AA')
    expect(answer).toContain('ERR||OBX^2^3|103^Table value not found^HL70357|W||||contradictory codes')
    expect(answer).not.toMatch(/97\.25|32767/)
    await settled()
    const [kept] = await database.query<{ findings: unknown }>(`select findings from hl7_message where control_id = 'R'`)
    expect(kept?.findings).toEqual([
      { row: 2, code: '150456', why: 'CONTRADICTORY_CODES' },
      { row: 3, code: '147842', why: 'IMPLAUSIBLE' },
    ])
  })

  it('may send what nobody knows, another quantity and a name that climbs out of its folder: each is kept aside with its reason, and the rest is stored', async () => {
    const more = 'OBX|2|NM|T1^Own^99X||5|widgets|||||F\rOBX|3|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||97|mmHg|||||F\r'
    expect(codeOf(await (await monitor()).ask(heartRate('BAD', 75, { sender: '../../etc/passwd', more })))).toBe('AA')
    await settled()
    const [device] = await database.query<{ id: string }>(`select d.id from device d join hl7_sender s on s.device_no = d.no where s.name = '../../etc/passwd'`)
    expect(device?.id).toMatch(/^hl7-[A-Za-z0-9_-]+$/)
    expect(await rows(device?.id ?? '')).toMatchObject([{ hr: 75, spo2: null, other: { unmapped: { hl7_Own: 5 } } }])
    expect(await database.query(`select findings from hl7_message where control_id = 'BAD'`)).toEqual([{ findings: [{ row: 2, code: 'T1', why: 'UNMAPPED' }, { row: 3, code: '150456', why: 'UNIT_MISMATCH' }] }])
  })

  it('keeps two temperatures of one moment apart', async () => {
    await (await monitor()).ask(authoredMessage('style-ge-push'))
    await settled()
    const [row] = await rows('hl7-080019FFFE000001')
    expect(row?.other).toMatchObject({ unmapped: { temp_1_26_2: 35.1 } })
  })

  it('tells of its own alarms as events, stored and live', async () => {
    const listener = await connectAsync(broker.url)
    const heard: unknown[] = []
    listener.on('message', (_, payload) => heard.push(...[JSON.parse(payload.toString()) as object].filter((object) => 'ev' in object)))
    await listener.subscribeAsync('vitals/1/main/hl7-0011223344556677/live')
    const client = await monitor()
    for (const name of ['pcd04-1-start', 'pcd04-4-latched-end']) expect(codeOf(await client.ask(authoredMessage(name)))).toBe('CA')
    await settled()
    const events = await database.query<{ phase: string; data: Record<string, unknown> }>(`select phase, data from device_event where ev = 'source_alarm' order by seq`)
    expect(events).toMatchObject([{ phase: 'start', data: { priority: 'medium', event: '196674', value: 88 } }, { phase: 'end', data: { state: 'latched' } }])
    // The alarm engine hears them at once.
    await until(() => heard.length >= 2, 'both on the live lane')
    expect(heard[0]).toMatchObject({ ev: 'source_alarm', ph: 'start', data: { priority: 'medium', inactivation: 'enabled' } })
    await listener.endAsync()
  })

  it('reaches the live lane at once', async () => {
    const listener = await connectAsync(broker.url)
    const heard: string[] = []
    listener.on('message', (_, payload) => heard.push(payload.toString()))
    await listener.subscribeAsync('vitals/1/main/hl7-LIVE/live')
    await (await monitor()).ask(heartRate('N', 88, { sender: 'LIVE' }))
    await until(() => heard.length > 0, 'a live value')
    expect(JSON.parse(heard[0] as string)).toMatchObject({ e: 'hl7', s: 1, m: { hr: 88 } })
    await listener.endAsync()
  })
})

describe('many monitors', () => {
  it('of 64 at once, pipelined, each has its answers in order', async () => {
    const clients = await Promise.all(Array.from({ length: 64 }, monitor))
    for (const [n, client] of clients.entries()) for (let i = 0; i < 5; i++) client.send(heartRate(`P${n}-${i}`, 60 + i, { sender: `PEER${n % 8}` }))
    await until(() => clients.every(({ answers }) => answers.length === 5), 'all answers')
    for (const [n, { answers }] of clients.entries()) expect(answers.map((answer) => /MSA\|(\w+\|[^\r]+)/.exec(answer)?.[1])).toEqual([0, 1, 2, 3, 4].map((i) => `AA|P${n}-${i}`))
    await settled()
  })

  it('that send junk, half a message or HTTP harm nobody else', async () => {
    const [good, http, half] = await Promise.all([monitor(), monitor(), monitor()])
    http.socket.write(`GET / HTTP/1.1\r\n${'x'.repeat(400)}`)
    half.socket.end(`\x0b${heartRate('H', 1)}`)
    expect(codeOf(await good.ask(heartRate('G', 70)))).toBe('AA')
    await until(() => http.socket.closed && half.socket.closed, 'both to be closed')
    expect(half.answers).toEqual([])
  })
})

describe('what an earlier run left in the inbox', () => {
  it('is stored by the next one', async () => {
    await (await monitor()).ask(heartRate('E0', 50, { sender: 'EARLIER' }))
    await settled()
    // As if the program had been killed between the answer and the samples.
    await database.query(`update hl7_message set done = false where control_id = 'E0'`)
    await database.query(`delete from sample where device_no = (select no from device where id = 'hl7-EARLIER')`)
    await database.query(`delete from ledger where device_no = (select no from device where id = 'hl7-EARLIER')`)
    await bridge.stop()
    bridge = await start()
    await settled()
    expect((await rows('hl7-EARLIER')).map(({ hr }) => hr)).toEqual([50])
  })
})
