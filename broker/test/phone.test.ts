import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { runForeign } from './support/foreign.ts'
import { publish, publishPacket, type RawClient, signIn, subscribe } from './support/raw-client.ts'
import { startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

const ANNA = '01a1fc58-738d-7aae-a545-f78dafad7e32'
const BERT = '01a1fc58-738d-7aae-a545-f78dafad7e33'
const TOKEN = 'the token of the phone'
const topic = (phone = ANNA) => `vitals/1/health/${phone}`
const answerTopic = `${topic()}/answer`
const EXPORT = '{"data":{"metrics":[]}}'

const folder = mkdtempSync(join(tmpdir(), 'vigil-phone-'))
afterAll(() => rmSync(folder, { recursive: true }))

let ward: TestBroker
const start = async (options: Parameters<typeof startTestBroker>[0] = {}) => {
  ward = await startTestBroker(options)
  for (const phone of [ANNA, BERT]) ward.verifiers.addPhone(phone, TOKEN)
}
const code = async (username: string, password = TOKEN) => (await signIn(await ward.raw(), { username, password, clientId: 'iPhone' })).returnCode
const phone = async (id = ANNA, clientId = 'iPhone') => {
  const client = await ward.raw()
  expect((await signIn(client, { username: `phone.${id}`, password: TOKEN, clientId })).returnCode).toBe(0)
  return client
}
const say = (client: RawClient, payload: string | Buffer = EXPORT, qos: 0 | 1 = 1, of = ANNA) => {
  const packet = publishPacket(topic(of), payload, qos)
  client.send(packet)
  return packet.messageId
}
const station = async () => {
  const client = await ward.service('central')
  await subscribe(client, 'vitals/1/health/+')
  return client
}
const hears = async (client: RawClient, of = ANNA) => {
  const { payload } = await client.next('publish', (packet) => packet.topic === topic(of))
  return payload as Buffer
}
const answer = (client: RawClient, payload: string | Buffer, outcome = 'stored', of = ANNA) => publish(client, `${topic(of)}/answer`, JSON.stringify({ of: createHash('sha256').update(payload).digest('base64'), outcome }))
const exports = (outcome: string) => ward.metric(`vigil_broker_phone_exports_total{outcome="${outcome}"`)

beforeEach(() => start())
afterEach(() => ward.stop())

describe('the sign-in of a phone', () => {
  it('is refused with a wrong token, one of nobody, and as a device; a few such and it waits', async () => {
    expect(await code(`phone.${ANNA}`)).toBe(0)
    expect(await code(`phone.${ANNA}`, 'wrong')).toBe(4)
    expect(await code(`phone.${ANNA.replace('7e32', '7e34')}`)).toBe(4)
    expect(await code(ANNA)).toBe(4)
    expect(await code('phone.x')).toBe(4)
    for (let i = 0; i < 6; i++) await code(`phone.${BERT}`, 'wrong')
    expect(await code(`phone.${BERT}`)).toBe(3)
    expect(await ward.refused('credentials')).toBeGreaterThan(5)
  })

  it('is good for four sessions', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await phone(ANNA, id)
    expect(await code(`phone.${ANNA}`)).toBe(3)
    await phone(BERT)
    expect(await ward.refused('secondary_sessions')).toBe(1)
  })

  it('gives one topic to speak on and one to hear', async () => {
    const anna = await phone()
    expect(await subscribe(anna, answerTopic, `${topic(BERT)}/answer`, topic(), 'vitals/1/health/+/answer', 'vitals/1/main/board-1/tele')).toEqual([1, 128, 128, 128, 128])
    for (const other of [topic(BERT), answerTopic, 'vitals/1/main/board-1/tele']) {
      const client = await phone()
      client.send(publishPacket(other))
      await client.untilClosed()
    }
    expect(await ward.refused('publish_right')).toBe(3)
  })
})

describe('an export', () => {
  it('is acknowledged when the station has it, and not before; the answer reaches the phone', async () => {
    const central = await station()
    const anna = await phone()
    await subscribe(anna, answerTopic)
    const id = say(anna)
    expect((await hears(central)).toString()).toBe(EXPORT)
    anna.send({ cmd: 'pingreq' })
    await anna.next('pingresp')
    expect(anna.heard.filter(({ cmd }) => cmd === 'puback')).toEqual([])
    await answer(central, EXPORT)
    expect((await anna.next('puback')).messageId).toBe(id)
    expect(JSON.parse((await anna.next('publish')).payload.toString())).toMatchObject({ outcome: 'stored' })
    expect(await exports('stored')).toBe('1')
  })

  it('waits while no station is there, also of a phone that went away or asks for no acknowledgement, and comes once', async () => {
    const gone = await phone()
    say(gone, 'of one who left', 0)
    gone.send({ cmd: 'pingreq' })
    await gone.next('pingresp')
    gone.close()
    const anna = await phone()
    const first = say(anna, 'more')
    const again = say(anna, 'more')
    const central = await station()
    expect((await hears(central)).toString()).toBe('of one who left')
    await answer(central, 'of one who left')
    expect((await hears(central)).toString()).toBe('more')
    await answer(central, 'more')
    expect([(await anna.next('puback')).messageId, (await anna.next('puback')).messageId]).toEqual([first, again])
    expect(central.heard.filter(({ cmd }) => cmd === 'publish')).toEqual([])
    expect(await ward.metric('vigil_broker_phone_bytes')).toBe('0')
  })

  it('is said to a station that comes back, and again when it could not be taken', async () => {
    await ward.stop()
    const clock = manualClock()
    await start({ clock })
    const first = await station()
    const anna = await phone()
    say(anna)
    await hears(first)
    first.close()
    const second = await station()
    await hears(second)
    await answer(second, EXPORT, 'again')
    clock.advance(60_000)
    await hears(second)
    await answer(second, EXPORT, 'refused')
    await anna.next('puback')
    expect([await exports('again'), await exports('refused')]).toEqual(['1', '1'])
  })

  it('of a phone that may not send any more ends its session without an acknowledgement', async () => {
    const central = await station()
    const anna = await phone()
    say(anna)
    await hears(central)
    await answer(central, EXPORT, 'ended')
    await anna.untilClosed()
    expect(anna.heard.filter(({ cmd }) => cmd === 'puback')).toEqual([])
    expect(await ward.refused('revoked')).toBe(1)
  })

  it('of mosquitto_pub with two megabytes comes whole, while a device may not say so much', async () => {
    const central = await station()
    const big = JSON.stringify({ data: { metrics: [], pad: 'x'.repeat(2 * 1024 * 1024) } })
    const file = join(folder, 'export.json')
    writeFileSync(file, big)
    const done = runForeign('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(ward.port), '-u', `phone.${ANNA}`, '-P', TOKEN, '-q', '1', '-t', topic(), '-f', file], 20_000)
    const heard = await hears(central)
    expect(heard.equals(Buffer.from(big))).toBe(true)
    await answer(central, big)
    expect(await done).toMatchObject({ code: 0 })
    const board = await ward.device('board-1')
    board.send(publishPacket('vitals/1/main/board-1/tele', big))
    await board.untilClosed()
  })
})

describe('the memory of all phones', () => {
  const MiB = 1024 * 1024

  it('holds no export above the limit: the phone is told where to go, counted, and cut', async () => {
    const anna = await phone()
    await subscribe(anna, answerTopic)
    // The head alone: what is announced is enough.
    anna.bytes(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x05]))
    const said = JSON.parse((await anna.next('publish')).payload.toString())
    expect(said).toMatchObject({ outcome: 'refused', code: 'BODY_TOO_LARGE' })
    expect(said.why).toMatch(/REST API/)
    await anna.untilClosed()
    expect(await ward.refused('packet_size')).toBe(1)
  })

  it('is bounded: what is under way holds its room from its first bytes on, and gives it back', async () => {
    await ward.stop()
    await start({ limits: { phoneBytesInAll: 3 * MiB, phoneExports: 2 } })
    const [anna, bert] = [await phone(), await phone(BERT)]
    // Two MiB announced, nothing said.
    const head = Buffer.from([0x32, 0x80, 0x80, 0x80, 0x01])
    anna.bytes(head)
    await until('room is held', async () => (await ward.metric('vigil_broker_phone_bytes')) === String(2 * MiB))
    bert.bytes(head)
    await bert.untilClosed()
    expect(await ward.refused('phone_room')).toBe(1)
    anna.close()
    await until('room is given back', async () => (await ward.metric('vigil_broker_phone_bytes')) === '0')
    const many = await phone()
    for (const text of ['1', '2', '3']) say(many, text)
    await many.untilClosed()
    expect([await ward.refused('unreceipted'), await exports('full'), await ward.metric('vigil_broker_phone_waiting_exports')]).toEqual([1, '1', '2'])
  })
})
