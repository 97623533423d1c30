import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { publish, publishPacket, type RawClient, subscribe } from './support/raw-client.ts'
import { secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'

const own = (channel: string) => `vitals/1/main/board-1/${channel}`

let ward: TestBroker
beforeEach(async () => (ward = await startTestBroker()))
afterEach(() => ward.stop())

const heard = (client: RawClient, topic: string) => client.next('publish', (packet) => packet.topic === topic)

describe('a device over a real socket', () => {
  it('sends on each of its own topics, and the programs hear it', async () => {
    const bridge = await ward.service('bridge')
    const central = await ward.service('central')
    expect(await subscribe(bridge, 'vitals/1/+/+/tele', 'vitals/1/+/+/backlog', 'vitals/1/+/+/event', 'vitals/1/+/+/state')).toEqual([1, 1, 1, 1])
    expect(await subscribe(central, 'vitals/1/+/+/tele', 'vitals/1/+/+/wave/+', 'vitals/1/+/+/command/reply', 'vitals/1/+/+/live')).toEqual([1, 1, 1, 1])
    const device = await ward.device('board-1')
    for (const channel of ['tele', 'backlog', 'event', 'state', 'config/reported', 'command/reply']) await publish(device, own(channel), `"${channel}"`)
    device.send(publishPacket(own('wave/paw'), Buffer.from([1, 0, 255]), 0))
    for (const channel of ['tele', 'backlog', 'event', 'state']) expect((await heard(bridge, own(channel))).payload.toString()).toBe(`"${channel}"`)
    expect((await heard(central, own('wave/paw'))).payload).toEqual(Buffer.from([1, 0, 255]))
    await heard(central, own('command/reply'))
  })

  it('hears its receipts, commands, configuration and the time of its site', async () => {
    const device = await ward.device('board-1')
    expect(await subscribe(device, own('receipt'), own('config/desired'), own('command'), 'vitals/1/main/$time')).toEqual([1, 1, 1, 1])
    const [bridge, central] = [await ward.service('bridge'), await ward.service('central')]
    await publish(bridge, own('receipt'), '{"e":"a","upto":1}')
    await publish(central, own('command'), '{"do":"identify"}')
    await publish(central, own('config/desired'), '{"version":1}', true)
    await publish(central, 'vitals/1/main/$time', '{"t":1}')
    for (const topic of [own('receipt'), own('command'), own('config/desired'), 'vitals/1/main/$time']) await heard(device, topic)
  })

  it.each(['#', '+/#', '$SYS/#', 'vitals/1/+/+/tele', 'vitals/1/main/board-2/command', 'vitals/1/main/board-1/tele', 'vitals/1/annex/$time'])('is refused the filter %s, and stays connected', async (filter) => {
    const device = await ward.device('board-1')
    expect(await subscribe(device, filter, own('command'))).toEqual([0x80, 1])
    await publish(device, own('tele'))
    expect(await ward.refused('subscribe_right')).toBe(1)
  })

  it.each(['vitals/1/main/board-2/tele', 'vitals/1/annex/board-1/tele', 'vitals/1/main/board-1/receipt', 'vitals/1/main/board-1/live', 'vitals/1/main/board-1/command', '$SYS/x', 'free/topic'])('is closed for publishing on %s, at any QoS, and nobody hears it', async (topic) => {
    const listener = await ward.service('central')
    await subscribe(listener, 'vitals/1/+/+/tele', 'vitals/1/+/+/live')
    for (const qos of [0, 1] as const) {
      const device = await ward.device('board-1')
      device.send(publishPacket(topic, '{"forged":true}', qos))
      await device.untilClosed()
      expect(device.heard).toEqual([])
    }
    expect(await ward.refused('publish_right')).toBe(2)
    const honest = await ward.device('board-2')
    await publish(honest, 'vitals/1/main/board-2/tele', '"honest"')
    const first = await listener.next('publish')
    expect(first.payload.toString()).toBe('"honest"')
  })

  it('of another site does not reach this one under the same name', async () => {
    ward.verifiers.add('board-1', { site: 'annex', secret: secretOf('board-1') })
    const device = await ward.device('board-1')
    device.send(publishPacket(own('tele')))
    await device.untilClosed()
  })
})

describe('our own programs over a real socket', () => {
  it('are refused what is not theirs', async () => {
    const bridge = await ward.service('bridge')
    expect(await subscribe(bridge, '#', 'vitals/1/+/+/command', 'vitals/1/+/+/+', '$SYS/#')).toEqual([0x80, 0x80, 0x80, 0x80])
    bridge.send(publishPacket(own('command'), '{"do":"restart"}'))
    await bridge.untilClosed()
    const central = await ward.service('central')
    central.send(publishPacket(own('receipt'), '{"e":"a","upto":9}'))
    await central.untilClosed()
  })
})

describe('what the broker keeps', () => {
  const lateListener = async () => {
    const central = await ward.service('central')
    await subscribe(central, 'vitals/1/+/+/state', 'vitals/1/+/+/tele', 'vitals/1/+/+/config/reported')
    return central
  }

  it('is presence, whatever the flag says, and the reported configuration', async () => {
    const device = await ward.device('board-1')
    await publish(device, own('state'), '{"st":"online"}')
    await publish(device, own('config/reported'), '{"version":1}', true)
    const central = await lateListener()
    expect(await heard(central, own('state'))).toMatchObject({ retain: true })
    expect(await heard(central, own('config/reported'))).toMatchObject({ retain: true })
  })

  it('is never telemetry: the flag is taken off, counted, and the message passed on', async () => {
    const early = await lateListener()
    const device = await ward.device('board-1')
    await publish(device, own('tele'), '"once"', true)
    expect(await heard(early, own('tele'))).toMatchObject({ retain: false })
    expect(await ward.refused('retain_flag')).toBe(1)
    const late = await lateListener()
    await publish(device, own('tele'), '"twice"')
    expect((await heard(late, own('tele'))).payload.toString()).toBe('"twice"')
  })

  it('is never a command', async () => {
    const central = await ward.service('central')
    await publish(central, own('command'), '{"do":"restart"}', true)
    const device = await ward.device('board-1')
    await subscribe(device, own('command'))
    await publish(central, own('command'), '{"do":"identify"}')
    expect((await heard(device, own('command'))).payload.toString()).toBe('{"do":"identify"}')
  })

  it('is not a birth message too large to keep for everyone', async () => {
    const device = await ward.device('board-1')
    device.send(publishPacket(own('state'), Buffer.alloc(40_000, 32)))
    await device.untilClosed()
    expect(await ward.refused('retained_size')).toBe(1)
  })
})
