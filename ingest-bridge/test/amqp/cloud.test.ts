import { createMetrics, silentLog } from '@vigil/program'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startBridge } from '../../src/index.ts'
import { cloudAddress } from '../../src/sources/cloud-address.ts'
import { readCloudMessage } from '../../src/sources/cloud-messages.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { cloudPlatform, type CloudPlatform } from '../support/cloud-platform.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

const ACCOUNT = { keyId: 'LTAI-key', secret: 'the secret', group: 'DEFAULT_GROUP' }
const T0 = Date.UTC(2026, 2, 1)
let database: TestDatabase
let broker: TestBroker
let cloud: CloudPlatform
beforeAll(async () => {
  ;[database, broker] = await Promise.all([freshDatabase(), startBroker()])
  await database.register('esp-1')
})
afterAll(async () => {
  await Promise.all([database?.close(), broker?.close()])
})

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function start(secret = ACCOUNT.secret) {
  cloud = await cloudPlatform(ACCOUNT)
  open.push(() => cloud.close())
  const amqp = cloudAddress({ ...ACCOUNT, secret, url: cloud.url, instance: '', clientId: 'vigil', site: 'main' }, () => Date.now())
  const bridge = startBridge({ databaseUrl: database.url, mqtt: { url: broker.url, username: 'bridge', password: 'x' }, amqp, log: silentLog, metrics: createMetrics('bridge') })
  open.push(() => bridge.stop())
  return bridge
}
const posted = (at: number, items: Record<string, unknown>) => ({
  topic: '/pk1/esp-1/thing/event/property/post',
  messageId: String(1_324_198_300_680_719_000 + (at % 1_000_000)),
  generateTime: at,
  body: { deviceType: 'CustomCategory', iotId: '4z819VQHk6VSLmmBJfrf00107e****', requestId: '2', checkFailedData: {}, productKey: 'pk1', gmtCreate: at, deviceName: 'esp-1', items },
})
const settled = (ids: readonly string[], outcome: string) => until(() => ids.every((id) => cloud.outcomes.get(id)?.at(-1) === outcome), `${ids.length} messages to be ${outcome}; ${JSON.stringify([...cloud.outcomes])}`, 20_000)
const rows = () => database.query<{ t: number; pr: number | null; spo2: number | null; temp: number | null }>('select extract(epoch from t)::float8 * 1000 as t, pr, spo2, temp from sample order by t, seq')

describe('Alibaba Cloud IoT', () => {
  it('is signed in to anew at each connection, and everything is stored once and accepted after COMMIT', { timeout: 60_000 }, async () => {
    const bridge = await start()
    await bridge.ready()
    const messages = Array.from({ length: 60 }, (_, i) => posted(T0 + i * 60_000, { HeartRate: { value: 70 + (i % 5), time: T0 + i * 60_000 }, SpO2: { value: 97.1, time: T0 + i * 60_000 }, BodyTemperature: { value: 36.5, time: T0 + i * 60_000 }, MACAddress: { value: '5C:CF:7F:00:00:01', time: T0 + i * 60_000 } }))
    for (const message of messages.slice(0, 30)) cloud.send(message)
    await settled(messages.slice(0, 30).map(({ messageId }) => messageId), 'accepted')
    cloud.cut()
    for (const message of [...messages.slice(30), ...messages.slice(10, 20)]) cloud.send(message)
    await settled(messages.map(({ messageId }) => messageId), 'accepted')
    await until(async () => (await rows()).length === 60, 'all rows')
    expect((await rows())[7]).toEqual({ t: T0 + 7 * 60_000, pr: 72, spo2: 97.1, temp: 36.5 })
    expect(cloud.signedIn.length).toBeGreaterThanOrEqual(2)
    expect(new Set(cloud.signedIn).size).toBe(cloud.signedIn.length)
    expect(cloud.refused).toEqual([])
  })

  it('has what can never be stored rejected, with a dead letter, and its word on the connection kept as an event', { timeout: 60_000 }, async () => {
    await start()
    const stranger = { ...posted(T0 + 5_000, { HeartRate: { value: 70, time: T0 } }), topic: '/pk1/nobody/thing/event/property/post' }
    const rubbish = { ...posted(T0 + 6_000, {}), body: 'no JSON' }
    const away = { topic: '/as/mqtt/status/pk1/esp-1', messageId: '77', generateTime: T0, body: { status: 'offline', productKey: 'pk1', deviceName: 'esp-1', time: '2026-03-01 08:00:00.000', utcTime: '2026-03-01T00:00:00.000Z', lastTime: '2026-03-01 07:59:00.000', utcLastTime: '2026-02-28T23:59:00.000Z', clientIp: '10.0.0.1' } }
    for (const message of [stranger, rubbish, away]) cloud.send(message)
    await settled([rubbish.messageId], 'rejected')
    await settled([away.messageId], 'accepted')
    const letters = await database.query<{ code: string }>('select code from dead_letter order by code')
    expect(letters.map(({ code }) => code)).toEqual(['MALFORMED_JSON', 'UNKNOWN_DEVICE'])
    expect(await database.query('select ev, extract(epoch from t)::float8 * 1000 as t from device_event')).toEqual([{ ev: 'cloud_offline', t: Date.UTC(2026, 1, 28, 23, 59) }])
  })

  it('refuses a wrong secret, and the health fact says so', async () => {
    const bridge = await start('another')
    await until(() => cloud.refused.includes('signature') && bridge.health()[0]?.ok === false, 'the refusal')
  })
})

describe('a message of the platform', () => {
  const read = (topic: string, body: unknown, id = '1') =>
    readCloudMessage({ message_id: id, application_properties: { topic }, body: { typecode: 0x75, content: Buffer.from(JSON.stringify(body)), multiple: false } }, T0 + 10, 'north')
  it('has the same number each time it comes, and another than its neighbours', () => {
    const { topic, body } = posted(T0, { HeartRate: { value: 70, time: T0 - 500 }, SpO2: { value: 98, time: T0 - 400 } })
    const [first, again, other] = [read(topic, body), read(topic, body), read(topic, body, '2')]
    expect(first).toEqual(again)
    expect(first.topic).toBe('vitals/1/north/esp-1/tele')
    const objects = JSON.parse(first.payload.toString()) as { e: string; s: number; t: number; m: unknown }[]
    expect(objects.map(({ t, m }) => ({ t, m }))).toEqual([{ t: T0 - 500, m: { pr: 70 } }, { t: T0 - 400, m: { spo2: 98 } }])
    expect(objects[1]?.s).toBe((objects[0]?.s ?? 0) + 1)
    expect((JSON.parse(other.payload.toString()) as { s: number }[])[0]?.s).not.toBe(objects[0]?.s)
  })
  it('without anything measured goes on as it came', () => {
    expect(read('/pk1/esp-1/thing/event/property/post', { items: {} })).toMatchObject({ topic: 'vitals/1/north/esp-1/tele', payload: Buffer.from('{"items":{}}') })
  })
})
