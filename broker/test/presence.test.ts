import { generate, type Packet } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectPacket, publish, publishPacket, type RawClient, signIn, subscribe } from './support/raw-client.ts'
import { secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'

const state = 'vitals/1/main/board-1/state'
const will = { topic: state, payload: Buffer.from('{"st":"lost","e":"7f3a91c2"}'), qos: 1 as const, retain: true }

let ward: TestBroker
let central: RawClient
beforeEach(async () => {
  ward = await startTestBroker()
  central = await ward.service('central')
  await subscribe(central, 'vitals/1/+/+/state')
})
afterEach(() => ward.stop())

const presence = async () => JSON.parse((await central.next('publish', ({ topic }) => topic === state)).payload.toString()) as { st: string; e?: string }

describe('presence', () => {
  it('says lost with the device\'s own words when its connection breaks, and keeps it for who asks later', async () => {
    const device = await ward.device('board-1', { will })
    await publish(device, state, '{"st":"online","e":"7f3a91c2"}')
    expect(await presence()).toMatchObject({ st: 'online' })
    device.close()
    expect(await presence()).toEqual({ st: 'lost', e: '7f3a91c2' })
    const late = await ward.service('central')
    await subscribe(late, 'vitals/1/+/+/state')
    expect(await late.next('publish')).toMatchObject({ retain: true, payload: will.payload })
  })

  it('says nothing when the device says goodbye itself', async () => {
    const device = await ward.device('board-1', { will })
    await publish(device, state, '{"st":"off"}')
    device.send({ cmd: 'disconnect' })
    await device.untilClosed()
    const other = await ward.device('board-2')
    await publish(other, 'vitals/1/main/board-2/state', '{"st":"online"}')
    await central.next('publish', ({ topic }) => topic.includes('board-2'))
    expect(central.heard.filter((p) => p.cmd === 'publish' && p.topic === state)).toHaveLength(1)
  })

  it('says lost for a device without a will, once it has said that it is there', async () => {
    const device = await ward.device('board-1')
    await publish(device, state, '{"st":"online"}')
    expect((await presence()).st).toBe('online')
    device.close()
    expect(await presence()).toEqual({ st: 'lost' })
  })

  it('says lost when the broker itself ends the session', async () => {
    const device = await ward.device('board-1', { will })
    device.send(publishPacket('vitals/1/main/board-2/tele'))
    await device.untilClosed()
    expect((await presence()).st).toBe('lost')
  })

  it('keeps a will that is not marked to be kept', async () => {
    const device = await ward.device('board-1', { will: { ...will, qos: 0, retain: false } })
    device.close()
    await presence()
    const late = await ward.service('central')
    await subscribe(late, 'vitals/1/+/+/state')
    expect(await late.next('publish')).toMatchObject({ retain: true })
  })

  it.each(['vitals/1/main/board-2/state', 'vitals/1/annex/board-1/state', 'vitals/1/main/board-1/tele', 'vitals/1/main/board-1/command', '$SYS/x', 'free'])('refuses a will on %s', async (topic) => {
    const { returnCode } = await signIn(await ward.raw(), { username: 'board-1', password: secretOf('board-1'), will: { ...will, topic } })
    expect(returnCode).toBe(2)
    expect(await ward.refused('will')).toBe(1)
  })

  it('refuses a will to our own programs', async () => {
    const { returnCode } = await signIn(await ward.raw(), { username: 'bridge', password: 'the bridge knows this', clientId: 'bridge-1', will })
    expect(returnCode).toBe(2)
  })

  it('says lost before online when a device comes back over its old connection', async () => {
    const before = await ward.device('board-1', { will })
    await publish(before, state, '{"st":"online","e":"a"}')
    const after = await ward.device('board-1', { will })
    await publish(after, state, '{"st":"online","e":"b"}')
    expect([(await presence()).st, (await presence()).st, (await presence()).st]).toEqual(['online', 'lost', 'online'])
  })

  it('says lost before online also when the device says all of it in one breath, without waiting for any answer', async () => {
    const before = await ward.device('board-1', { will })
    await publish(before, state, '{"st":"online","e":"a"}')
    const after = await ward.raw()
    const heard = new Promise<Buffer>((resolve) => after.socket.once('data', resolve))
    const words: Packet[] = [
      connectPacket({ username: 'board-1', password: secretOf('board-1'), will }),
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'vitals/1/main/board-1/receipt', qos: 1 }] },
      { cmd: 'publish', topic: state, payload: '{"st":"online","e":"b"}', qos: 1, messageId: 2, dup: false, retain: true },
    ]
    after.bytes(Buffer.concat(words.map((packet) => generate(packet))))
    expect([(await presence()).st, (await presence()).st, (await presence()).st]).toEqual(['online', 'lost', 'online'])
    // CONNACK, SUBACK and PUBACK leave in one write.
    expect((await heard).toString('hex')).toBe('20020000900300010140020002')
  })
})

describe('a right that is taken away', () => {
  const endings: [string, () => void][] = [
    ['retired', () => ward.verifiers.retire('board-1')],
    ['deleted', () => ward.verifiers.remove('board-1')],
    ['given a new secret', () => ward.verifiers.add('board-1', { secret: 'another' })],
    ['moved to another site', () => ward.verifiers.add('board-1', { site: 'annex', secret: secretOf('board-1') })],
  ]
  it.each(endings)('ends every session of a device at once when it is %s', async (_how, end) => {
    const device = await ward.device('board-1', { will: { ...will, payload: Buffer.from('"whatever the thief prepared"') } })
    const tool = await ward.device('board-1', { clientId: 'tool' })
    const neighbour = await ward.device('board-2')
    end()
    await device.untilClosed(1_000)
    await tool.untilClosed(1_000)
    expect(await presence()).toEqual({ st: 'lost' })
    expect(await ward.refused('revoked')).toBe(2)
    await publish(neighbour, 'vitals/1/main/board-2/tele')
  })

  it('ends a session on the old secret when its last hour is over, without anybody saying so', async () => {
    ward.verifiers.add('board-1', { secret: 'new', previousSecret: secretOf('board-1'), previousUntilMs: Date.now() + 300 })
    const device = await ward.device('board-1')
    await device.untilClosed(3_000)
    expect(await ward.refused('revoked')).toBe(1)
  })

  it('leaves nothing behind for whoever is registered under the same name later', async () => {
    const desired = 'vitals/1/main/board-1/config/desired'
    await publish(central, desired, '{"version":7}', true)
    const before = await ward.device('board-1')
    await publish(before, state, '{"st":"online"}')
    ward.verifiers.remove('board-1')
    await before.untilClosed()
    ward.verifiers.add('board-1', { secret: 'of another board' })
    const after = await ward.device('board-1', { password: 'of another board' })
    await subscribe(after, desired)
    await publish(central, desired, '{"version":1}', true)
    expect((await after.next('publish')).payload.toString()).toBe('{"version":1}')
    const late = await ward.service('central')
    await subscribe(late, 'vitals/1/+/+/state')
    await publish(after, state, '{"st":"online","e":"new"}')
    expect((await late.next('publish')).payload.toString()).toBe('{"st":"online","e":"new"}')
  })

  it('ends what was kept for the device as well', async () => {
    const kept = { clean: false }
    const device = await ward.device('board-1', kept)
    await subscribe(device, 'vitals/1/main/board-1/command')
    device.close()
    await publish(central, 'vitals/1/main/board-1/command', '"for the old one"')
    ward.verifiers.retire('board-1')
    expect(await ward.metric('vigil_broker_away_bytes')).toBe('0')
    ward.verifiers.add('board-1', { secret: secretOf('board-1') })
    const { sessionPresent } = await signIn(await ward.raw(), { username: 'board-1', password: secretOf('board-1'), ...kept })
    expect(sessionPresent).toBe(false)
  })
})
