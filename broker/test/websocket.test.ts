import { once } from 'node:events'
import { connect } from 'node:net'
import { generate } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { connectPacket, publishPacket, rawOver, signIn, subscribe } from './support/raw-client.ts'
import { secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

let ward: TestBroker
beforeEach(async () => {
  ward = await startTestBroker({ ports: { mqtt: 0, ws: 0 }, limits: { connectTimeoutMs: 400, queuedBytesPerService: 256 * 1024, messagesBurst: 100_000, bytesBurst: 64 * 1024 * 1024 } })
})
afterEach(() => ward.stop())

const url = () => `ws://127.0.0.1:${ward.broker.ports.ws}/`
const open = async (protocol = 'mqtt', origin?: string) => {
  const webSocket = new WebSocket(url(), protocol, origin === undefined ? {} : { origin })
  await once(webSocket, 'open')
  return webSocket
}
const rawWs = async () => rawOver(createWebSocketStream(await open()))

describe('MQTT over WebSocket', () => {
  it('[MQTT-3.3.5-2] takes a device, and closes a forger, as the other listeners do', async () => {
    const device = await rawWs()
    expect((await signIn(device, { username: 'board-1', password: secretOf('board-1') })).returnCode).toBe(0)
    device.send(publishPacket('vitals/1/main/board-2/tele'))
    await device.untilClosed()
    expect(await ward.refused('publish_right')).toBe(1)
  })

  it('is refused to a page from elsewhere', async () => {
    await expect(open('mqtt', 'https://evil.example')).rejects.toThrow('403')
    await open('mqtt', `http://127.0.0.1:${ward.broker.ports.ws}`)
    expect(await ward.refused('websocket')).toBe(1)
  })

  it('[MQTT-6.0.0-3] is refused without the sub-protocol, and to plain HTTP', async () => {
    await expect(open('chat')).rejects.toThrow('400')
    expect((await fetch(url().replace('ws:', 'http:'))).status).toBe(426)
  })

  it('refuses a frame of 300 KB before sign-in without keeping it', async () => {
    const webSocket = await open()
    const closed = once(webSocket, 'close')
    webSocket.send(Buffer.alloc(300_000))
    await closed
    expect(await ward.refused('websocket')).toBe(1)
  })

  it('refuses a packet above the bound after sign-in', async () => {
    const device = await rawWs()
    await signIn(device, { username: 'board-1', password: secretOf('board-1') })
    device.bytes(generate(publishPacket('vitals/1/main/board-1/tele', Buffer.alloc(300_000, 32))))
    await device.untilClosed()
  })

  it('closes a connection that upgrades and says nothing, one that never upgrades, and one that is slow to ask', async () => {
    const silent = await rawWs()
    const idle = rawOver(connect(ward.broker.ports.ws ?? 0, '127.0.0.1'))
    const slow = rawOver(connect(ward.broker.ports.ws ?? 0, '127.0.0.1'))
    slow.bytes(Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n'))
    await silent.untilClosed()
    await slow.untilClosed()
    await idle.untilClosed()
  })

  it('[MQTT-6.0.0-1] [MQTT-6.0.0-2] [MQTT-6.0.0-4] reads binary frames however packets are spread over them, closes for text, and answers with its protocol', async () => {
    const webSocket = await open()
    expect(webSocket.protocol).toBe('mqtt')
    const bytes = Buffer.concat([generate(connectPacket({ username: 'board-1', password: secretOf('board-1') })), Buffer.from([0xc0, 0, 0xc0, 0])])
    for (const part of [bytes.subarray(0, 3), bytes.subarray(3, 20), bytes.subarray(20)]) webSocket.send(part)
    const device = rawOver(createWebSocketStream(webSocket))
    await device.next('connack')
    await device.next('pingresp')
    await device.next('pingresp')
    const central = await ward.service('central')
    await subscribe(central, 'vitals/1/+/+/tele')
    webSocket.send(generate(publishPacket('vitals/1/main/board-1/tele', '{}', 0)).toString('latin1'))
    await device.untilClosed()
    central.send({ cmd: 'pingreq' })
    await central.next('pingresp')
    expect(central.heard).toEqual([])
    expect(await ward.refused('websocket')).toBe(1)
  })

  it('cuts a reader that does not read', async () => {
    const webSocket = await open()
    const frozen = rawOver(createWebSocketStream(webSocket))
    await signIn(frozen, { username: 'central', password: 'the central station knows this', clientId: 'central-frozen' })
    await subscribe(frozen, 'vitals/1/+/+/tele')
    webSocket.pause()
    const device = await ward.device('board-1')
    const packet = generate(publishPacket('vitals/1/main/board-1/tele', Buffer.alloc(64 * 1024, 97), 0))
    await until('the frozen reader is cut', async () => {
      for (let i = 0; i < 20; i++) device.bytes(packet)
      return (await ward.refused('slow_reader')) === 1
    })
  })

  it('does not mind clients that vanish in the middle of a handshake, accepted or refused', async () => {
    for (let i = 0; i < 40; i++) {
      const socket = connect(ward.broker.ports.ws ?? 0, '127.0.0.1')
      await once(socket, 'connect')
      const protocol = i % 2 === 0 ? 'mqtt' : 'chat'
      socket.write(`GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-protocol: ${protocol}\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`)
      socket.on('error', () => undefined)
      if (i % 4 < 2) socket.resetAndDestroy()
      else socket.destroy()
    }
    const device = await rawWs()
    device.bytes(generate(connectPacket({ username: 'board-1', password: secretOf('board-1') })))
    await device.next('connack')
  })
})
