import { manualClock } from '@vigil/contract/testing/manual-clock'
import { systemClock } from '@vigil/program'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AlinkBoard, alinkBoard, alinkVerifier, PRODUCT, secretOfAlink, signAlink } from './support/alink-board.ts'
import { connectPacket, publish, publishPacket, rawTcp, type RawClient, signIn, subscribe } from './support/raw-client.ts'
import { secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

let ward: TestBroker

const start = async (options: Parameters<typeof startTestBroker>[0] = {}) => {
  ward = await startTestBroker(options)
  ward.verifiers.addAlink('esp-1', alinkVerifier('esp12f.1', { services: ['Restart'], settings: ['ReportInterval'] }))
  ward.verifiers.addAlink('esp-2', alinkVerifier('esp12f.2'))
}
const board = async (name = 'esp12f.1') => alinkBoard(await ward.raw(), name)
const code = async (connect: Parameters<typeof signIn>[1]) => (await signIn(await ward.raw(), connect)).returnCode

beforeEach(() => start())
afterEach(() => ward.stop())

describe('the sign-in of a device made for Alibaba Cloud', () => {
  it.each(['sha256', 'sha1', 'md5'] as const)('is let in signed with hmac%s, with large digits too', async (method) => {
    expect(await code(signAlink('esp12f.1', { method }))).toBe(0)
    const { password, ...rest } = signAlink('esp12f.2', { method })
    expect(await code({ ...rest, password: password.toUpperCase(), keepalive: 300 })).toBe(0)
  })

  it('is refused unsigned, wrongly signed, signed for another, unknown, retired; a few such and it waits', async () => {
    const { username, clientId, password } = signAlink('esp12f.1')
    expect(await code({ username, clientId: 'esp12f.1', password })).toBe(2)
    expect(await code({ username, clientId, password: secretOfAlink('esp12f.1') })).toBe(4)
    expect(await code({ username, clientId: clientId.replace('1700000000000', '1700000000001'), password })).toBe(4)
    expect(await code({ username: `esp12f.2&${PRODUCT}`, clientId, password })).toBe(4)
    expect(await code(signAlink('nobody'))).toBe(4)
    ward.verifiers.addAlink('esp-3', alinkVerifier('esp12f.3'))
    ward.verifiers.retire('esp-3')
    expect(await code(signAlink('esp12f.3'))).toBe(5)
    for (let i = 0; i < 4; i++) await code({ username, clientId, password: 'x' })
    expect(await code({ username, clientId, password })).toBe(3)
    expect(await ward.refused('credentials')).toBeGreaterThan(3)
    expect(await ward.refused('alink_client_id')).toBe(1)
  })

  it('never opens the door as an ordinary board, nor an ordinary board this one', async () => {
    expect(await code({ username: 'esp-1', password: secretOfAlink('esp12f.1') })).toBe(4)
    expect(await code({ username: `esp12f.1&${PRODUCT}`, clientId: signAlink('esp12f.1').clientId, password: secretOf('esp-1') })).toBe(4)
  })

  it('ends with its secret, its model and its registration', async () => {
    const { client } = await board()
    ward.verifiers.addAlink('esp-1', alinkVerifier('esp12f.1', { settings: ['Other'] }))
    await client.untilClosed()
    const again = await board()
    ward.verifiers.remove('esp-1')
    await again.client.untilClosed()
  })
})

describe('its topics', () => {
  it('are its own: those of another device, and ours, close the connection or are not granted', async () => {
    const esp = await board()
    expect(await subscribe(esp.client, '/sys/+/+/thing/#', esp.topic('service/property/set').replace('.1', '.2'), 'vitals/1/main/esp-1/command', '#', '/ota/device/upgrade/a1TestKey/esp12f.1')).toEqual([128, 128, 128, 128, 1])
    esp.client.send(publishPacket(`/sys/${PRODUCT}/esp12f.2/thing/event/property/post`, '{"params":{"HeartRate":70}}', 0))
    await esp.client.untilClosed()
    for (const ours of ['vitals/1/main/esp-1/tele', 'vitals/1/main/board-1/tele']) {
      const other = await board()
      other.client.send(publishPacket(ours, '{}', 0))
      await other.client.untilClosed()
    }
    expect(await ward.refused('publish_right')).toBe(3)
    const ordinary = await ward.device('board-1')
    ordinary.send(publishPacket(esp.topic('event/property/post').replace('.', '-'), '{}', 0))
    await ordinary.untilClosed()
  })

  it('without a meaning here are counted and do no harm', async () => {
    const esp = await board()
    for (const other of ['/ota/device/inform/a1TestKey/esp12f.1', esp.topic('deviceinfo/update'), '/a1TestKey/esp12f.1/user/update']) await publish(esp.client, other, '{}')
    expect(await ward.metric('vigil_broker_alink_ignored_total')).toBe('3')
  })
})

describe('what it posts', () => {
  let bridge: RawClient
  let central: RawClient
  let esp: AlinkBoard
  const PARAMS = { BodyTemperature: 36.5, HeartRate: 72, SpO2: 97.1, MACAddress: '5C:CF:7F:00:00:01' }
  const heardBy = async (client: RawClient, channel: string) => {
    const { payload } = await client.next('publish', ({ topic }) => topic === `vitals/1/main/esp-1/${channel}`)
    return JSON.parse(payload.toString())
  }
  const receipt = (e: string, ...numbers: number[]) => publish(bridge, 'vitals/1/main/esp-1/receipt', JSON.stringify({ e, upto: 0, have: numbers.map((n) => [n, n]) }))
  const enter = async () => {
    bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele', 'vitals/1/+/+/backlog', 'vitals/1/+/+/event', 'vitals/1/+/+/state')
    central = await ward.service('central')
    await subscribe(central, 'vitals/1/+/+/state', 'vitals/1/+/+/command/reply', 'vitals/1/+/+/config/reported')
    esp = await board()
  }
  beforeEach(enter)

  it('is telemetry of ours to everybody else, and answered when the receipt has passed, not before', async () => {
    esp.post(PARAMS, { id: '1' })
    const [sample] = await heardBy(bridge, 'tele')
    expect(sample).toMatchObject({ m: { temp: 36.5, pr: 72, spo2: 97.1 } })
    await receipt(sample.e, sample.s + 1)
    expect(esp.client.heard).toEqual([])
    await receipt(sample.e, sample.s)
    expect(await esp.hears('event/property/post_reply')).toEqual({ code: 200, data: {}, id: '1', message: 'success', method: 'thing.event.property.post', version: '1.0' })
    expect(await ward.metric('vigil_broker_alink_posts_total{outcome="stored"')).toBe('1')
  })

  it('at QoS 1 is acknowledged then as well, in the order it was sent', async () => {
    const first = publishPacket(esp.topic('event/property/post'), '{"id":"1","params":{"HeartRate":70}}', 1)
    const second = publishPacket(esp.topic('event/property/post'), '{"id":"2","params":{"HeartRate":"-"}}', 1)
    esp.client.send(first)
    esp.client.send(second)
    const [sample] = await heardBy(bridge, 'tele')
    expect(await esp.hears('event/property/post_reply')).toMatchObject({ id: '2', code: 460 })
    expect(esp.client.heard).toEqual([])
    await receipt(sample.e, sample.s)
    expect((await esp.client.next('puback')).messageId).toBe(first.messageId)
    expect((await esp.client.next('puback')).messageId).toBe(second.messageId)
  })

  it('is refused with the reason, and says of each property what became of it', async () => {
    esp.post({ HeartRate: 'none' }, { id: '3' })
    expect(await esp.hears('event/property/post_reply')).toMatchObject({ code: 460, id: '3', data: { HeartRate: 'not a number: not kept' } })
    esp.client.send(publishPacket(esp.topic('event/property/post'), 'not json', 0))
    expect(await esp.hears('event/property/post_reply')).toMatchObject({ code: 460, message: 'not a JSON object' })
    esp.post({ HeartRate: 71, Foo: 3 }, { id: '4' })
    const [sample] = await heardBy(bridge, 'tele')
    await receipt(sample.e, sample.s)
    expect(await esp.hears('event/property/post_reply')).toMatchObject({ code: 200, data: { Foo: 'no signal of this name: kept as unmapped' } })
    for (const [reason, count] of [['no_value', '1'], ['malformed', '1']]) expect(await ward.metric(`vigil_broker_alink_posts_total{outcome="${reason}"`)).toBe(count)
    expect(await ward.metric('vigil_broker_alink_unknown_properties_total')).toBe('1')
  })

  it('comes once to the bridge when the board says it again before it has an answer, and both are answered', async () => {
    esp.post(PARAMS, { id: '5' })
    const [sample] = await heardBy(bridge, 'tele')
    esp.post(PARAMS, { id: '5' })
    await until('the second is known', async () => (await ward.metric('vigil_broker_alink_posts_total{outcome="again"')) === '1')
    await receipt(sample.e, sample.s)
    for (let i = 0; i < 2; i++) expect(await esp.hears('event/property/post_reply')).toMatchObject({ code: 200, id: '5' })
    expect(bridge.heard.filter(({ cmd }) => cmd === 'publish').map((packet) => (packet as { topic: string }).topic)).toEqual(['vitals/1/main/esp-1/state'])
    // The same id with a new answer is a new measurement: much firmware always writes the same.
    esp.post(PARAMS, { id: '5' })
    expect((await heardBy(bridge, 'tele'))[0].t).toBeGreaterThanOrEqual(sample.t)
  })

  it('with its own times has the same numbers whenever it comes, and what is old fills the history', async () => {
    const at = systemClock.now() - 600_000
    for (let i = 0; i < 2; i++) {
      esp.post({ HeartRate: { value: 66, time: at } }, { id: String(i), sys: { ack: 0 } })
      const [sample] = await heardBy(bridge, 'backlog')
      expect(sample).toMatchObject({ t: at, e: `alink${Math.floor(at / 3_600_000)}`, m: { pr: 66 } })
    }
  })

  it('an event is one of ours', async () => {
    esp.client.send(publishPacket(esp.topic('event/LowBattery/post'), '{"id":"8","params":{"value":{"Volt":3.1}}}', 0))
    const event = await heardBy(bridge, 'event')
    expect(event).toMatchObject({ ev: 'low_battery', ph: 'once', src: 'alink', data: { Volt: 3.1 } })
    await receipt(event.e, event.s)
    expect(await esp.hears('event/LowBattery/post_reply')).toMatchObject({ code: 200, id: '8', method: 'thing.event.LowBattery.post' })
  })

  it('its presence is told for it: there with what it can do, off after a goodbye, lost without', async () => {
    expect(await heardBy(central, 'state')).toMatchObject({ st: 'online', caps: { commands: [{ name: 'measure_now' }, { name: 'restart' }], config: { report_interval: {} } } })
    esp.client.send({ cmd: 'disconnect' } as never)
    expect(await heardBy(central, 'state')).toEqual({ st: 'off' })
    esp = await board()
    expect(await heardBy(central, 'state')).toMatchObject({ st: 'online' })
    // It comes back while its old connection still hangs: it was never away.
    const again = await board()
    expect(await heardBy(central, 'state')).toMatchObject({ st: 'online' })
    again.client.close()
    expect(await heardBy(central, 'state')).toEqual({ st: 'lost' })
  })

  it('a post outlives its connection and waits for a bridge that comes back', async () => {
    bridge.close()
    await until('the bridge is gone', async () => (await ward.metric('vigil_broker_clients{role="bridge"')) === '0')
    esp.post(PARAMS, { id: '6' })
    await until('it waits', async () => (await ward.metric('vigil_broker_alink_waiting_posts')) === '1')
    esp.client.close()
    bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele', 'vitals/1/+/+/backlog')
    esp = await board()
    const [sample] = await heardBy(bridge, 'backlog')
    expect(sample).toMatchObject({ m: { pr: 72 } })
    await receipt(sample.e, sample.s)
    expect(await esp.hears('event/property/post_reply')).toMatchObject({ code: 200, id: '6' })
    expect(await ward.metric('vigil_broker_alink_waiting_posts')).toBe('0')
  })

  it('is bounded: what is too much is refused aloud', async () => {
    await ward.stop()
    await start({ limits: { unreceiptedMessages: 2 } })
    await enter()
    for (const id of ['1', '2', '3']) esp.post({ HeartRate: 60 + Number(id) }, { id })
    expect(await esp.hears('event/property/post_reply')).toMatchObject({ id: '3', code: 429 })
    esp.post({ HeartRate: 90 }, { id: '4' }, 1)
    await esp.client.untilClosed()
    expect(await ward.refused('unreceipted')).toBe(1)
  })

  describe('what is asked of it', () => {
    const ID = '01938f00-0000-7000-8000-000000000001'
    const command = (name: string, id = ID, exp = systemClock.now() + 60_000) => publish(central, 'vitals/1/main/esp-1/command', JSON.stringify({ id, do: name, args: { Delay: 3 }, exp }))
    const desire = (version: number, set: object) => publish(central, 'vitals/1/main/esp-1/config/desired', JSON.stringify({ version, set }), true)

    it('a service goes out by its own name, and its answer is the reply', async () => {
      await command('restart')
      const asked = await esp.hears('service/Restart')
      expect(asked).toEqual({ method: 'thing.service.Restart', id: expect.stringMatching(/^\d{1,10}$/), params: { Delay: 3 }, version: '1.0' })
      esp.client.send(publishPacket(esp.topic('service/Restart_reply'), JSON.stringify({ id: asked['id'], code: 200, data: { Uptime: 0 } }), 0))
      expect(await heardBy(central, 'command/reply')).toEqual({ id: ID, st: 'done', data: { Uptime: 0 } })
      await command('restart')
      expect(await heardBy(central, 'command/reply')).toMatchObject({ id: ID, st: 'unknown' })
      expect(esp.client.heard).toEqual([])
    })

    it('a device that refuses says so, and one that answers without an id is understood', async () => {
      await command('restart')
      await esp.hears('service/Restart')
      esp.client.send(publishPacket(esp.topic('service/Restart_reply'), '{"code":100001,"message":"busy"}', 0))
      expect(await heardBy(central, 'command/reply')).toEqual({ id: ID, st: 'failed', why: 'The device answered with code 100001: busy.' })
      await command('explode', '01938f00-0000-7000-8000-000000000002')
      expect(await heardBy(central, 'command/reply')).toMatchObject({ st: 'refused' })
      await command('restart', '01938f00-0000-7000-8000-000000000003', 5)
      expect(await heardBy(central, 'command/reply')).toMatchObject({ st: 'expired' })
    })

    it('a measurement is asked for as the seed of this protocol understands it, and its next post is the answer', async () => {
      await command('measure_now')
      expect(await esp.hears('service/property/set')).toMatchObject({ method: 'thing.service.property.set', params: {} })
      esp.post(PARAMS)
      expect(await heardBy(central, 'command/reply')).toEqual({ id: ID, st: 'done' })
    })

    it('settings go out under the names of its model, and it is told what it runs with', async () => {
      await desire(4, { report_interval: 30, colour: 'red' })
      const { id, params } = await esp.hears('service/property/set')
      expect(params).toEqual({ ReportInterval: 30 })
      esp.client.send(publishPacket(esp.topic('service/property/set_reply'), JSON.stringify({ id, code: 200, data: {} }), 0))
      expect(await heardBy(central, 'config/reported')).toEqual({ version: 4, set: { report_interval: 30 }, errors: { colour: 'Its thing model has no property for this setting.' } })
      await desire(5, { report_interval: 1 })
      const again = await esp.hears('service/property/set')
      esp.client.send(publishPacket(esp.topic('service/property/set_reply'), JSON.stringify({ id: again['id'], code: 9201, message: 'out of range' }), 0))
      expect(await heardBy(central, 'config/reported')).toEqual({ version: 5, set: {}, errors: { report_interval: 'The device answered with code 9201: out of range.' } })
    })

    it('a command that was under way when the connection broke is of unknown end', async () => {
      await command('restart')
      await esp.hears('service/Restart')
      esp.client.close()
      expect(await heardBy(central, 'command/reply')).toMatchObject({ id: ID, st: 'unknown' })
    })
  })
})

describe('the door without TLS', () => {
  it('lets in who signs, from listed addresses, and nobody with a secret in clear', async () => {
    await ward.stop()
    await start({ ports: { mqtt: 0, alink: 0 }, alinkAllowed: (address) => address === '127.0.0.1', clock: manualClock() })
    const port = ward.broker.ports.alink ?? 0
    const esp = await alinkBoard(await rawTcp(port), 'esp12f.1')
    esp.client.close()
    const ordinary = await rawTcp(port)
    ordinary.send(connectPacket({ username: 'board-1', password: secretOf('board-1') }))
    expect((await ordinary.next('connack')).returnCode).toBe(5)
    expect(await ward.refused('alink_only')).toBe(1)
    await ward.stop()
    await start({ ports: { alink: 0 }, alinkAllowed: () => false })
    const stranger = await rawTcp(ward.broker.ports.alink ?? 0)
    await stranger.untilClosed()
    expect(await ward.refused('alink_address')).toBe(1)
  })
})
