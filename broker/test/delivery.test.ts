import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generate } from 'mqtt-packet'
import { publishPacket, subscribe } from './support/raw-client.ts'
import { startTestBroker, type TestBroker } from './support/test-broker.ts'

describe('delivery', () => {
  let ward: TestBroker
  beforeEach(async () => (ward = await startTestBroker({ limits: { messagesBurst: 10_000 } })))
  afterEach(() => ward.stop())

  it('keeps the messages of one client in order, whatever their QoS', async () => {
    const bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele')
    const device = await ward.device('board-1')
    const packets = Array.from({ length: 400 }, (_, i) => generate(publishPacket('vitals/1/main/board-1/tele', String(i), i % 2 === 0 ? 1 : 0)))
    device.bytes(Buffer.concat(packets))
    const heard: number[] = []
    while (heard.length < packets.length) heard.push(Number((await bridge.next('publish')).payload.toString()))
    expect(heard).toEqual(packets.map((_, i) => i))
  })

  it('acknowledges each message once and in order', async () => {
    const device = await ward.device('board-1')
    const packets = Array.from({ length: 300 }, (_, i) => publishPacket('vitals/1/main/board-1/tele', String(i)))
    device.bytes(Buffer.concat(packets.map((packet) => generate(packet))))
    const ids: (number | undefined)[] = []
    while (ids.length < packets.length) ids.push((await device.next('puback')).messageId)
    expect(ids).toEqual(packets.map(({ messageId }) => messageId))
  })

  it('takes a CONNECT and everything after it in one piece, as boards send it', async () => {
    const bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele')
    const board = await ward.raw()
    const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
    const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc2, 0, 60]), text('board-1'), text('board-1'), text('secret of board-1')])
    board.bytes(Buffer.concat([Buffer.from([0x10, body.length]), body, generate(publishPacket('vitals/1/main/board-1/tele', '"pipelined"'))]))
    expect((await board.next('connack')).returnCode).toBe(0)
    await board.next('puback')
    expect((await bridge.next('publish')).payload.toString()).toBe('"pipelined"')
  })
})
