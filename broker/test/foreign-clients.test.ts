import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '@vigil/program'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureDevelopmentTls } from '../src/index.ts'
import { requireProgram, runForeign } from './support/foreign.ts'
import { publish, rawTcp, rawTls, signIn, subscribe } from './support/raw-client.ts'
import { secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

const tele = 'vitals/1/main/board-1/tele'
const command = 'vitals/1/main/board-1/command'

describe('clients not written here', () => {
  let ward: TestBroker
  let dir: string
  let ca: string[]
  beforeAll(async () => {
    requireProgram('mosquitto_pub', 'mosquitto-clients')
    dir = mkdtempSync(join(tmpdir(), 'vigil-tls-'))
    const tls = await ensureDevelopmentTls(dir, systemClock)
    ca = ['--cafile', tls.caPath]
    ward = await startTestBroker({ ports: { mqtt: 0, mqtts: 0, ws: 0 }, tls })
  })
  afterAll(async () => {
    await ward.stop()
    rmSync(dir, { recursive: true })
  })

  const as = (device: string, secret = secretOf(device)) => ['-h', 'localhost', '-u', device, '-P', secret]
  const plain = () => [...as('board-1'), '-p', String(ward.port)]

  it('mosquitto_pub sends a sample as the device, with the id it makes up itself', async () => {
    const bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele')
    const message = '{"e":"a1","s":1,"t":1772362800250,"m":{"pr":72}}'
    expect(await runForeign('mosquitto_pub', [...plain(), '-t', tele, '-m', message, '-q', '1'])).toMatchObject({ code: 0 })
    expect((await bridge.next('publish')).payload.toString()).toBe(message)
  })

  it('mosquitto_pub with a client id of its own, or the device\'s, works as well', async () => {
    for (const id of ['bedside-tool', 'board-1']) expect(await runForeign('mosquitto_pub', [...plain(), '-i', id, '-t', tele, '-m', 'x', '-q', '1'])).toMatchObject({ code: 0 })
  })

  it('mosquitto_sub hears the device\'s commands', async () => {
    const listening = runForeign('mosquitto_sub', [...plain(), '-t', command, '-q', '1', '-C', '1', '-W', '6'])
    const central = await ward.service('central')
    const over = listening.then(() => true)
    // The command is not kept, so it is said until somebody has heard it.
    await until('it has heard a command', async () => {
      await publish(central, command, '{"do":"identify"}')
      return Promise.race([over, pause(systemClock, 20).then(() => false)])
    })
    expect((await listening).out.trim()).toBe('{"do":"identify"}')
  })

  it('mosquitto_pub is told about a wrong secret', async () => {
    const { code, err } = await runForeign('mosquitto_pub', [...as('board-2', 'guessed'), '-p', String(ward.port), '-t', tele, '-m', 'x', '-q', '1'])
    expect(code).not.toBe(0)
    expect(err).toMatch(/bad user name or password/i)
  })

  it('mosquitto_sub is told that # is refused', async () => {
    const { out, err } = await runForeign('mosquitto_sub', [...plain(), '-t', '#', '-W', '2', '-d'])
    expect(`${out}${err}`).toMatch(/128|denied/)
  })

  it('mosquitto_pub speaks MQTT 5 in vain, and is told why', async () => {
    const { code, err } = await runForeign('mosquitto_pub', [...plain(), '-V', 'mqttv5', '-t', tele, '-m', 'x', '-q', '1'])
    expect(code).not.toBe(0)
    expect(err).toMatch(/protocol version/i)
  })

  it('mosquitto_pub over TLS trusts the certificate of this installation, by name and by address', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      const args = ['-h', host, '-u', 'board-1', '-P', secretOf('board-1'), '-p', String(ward.broker.ports.mqtts), ...ca]
      expect(await runForeign('mosquitto_pub', [...args, '-t', tele, '-m', 'x', '-q', '1'])).toMatchObject({ code: 0, err: '' })
    }
  })

  it('mosquitto_pub over TLS is told about a wrong secret before the connection ends', async () => {
    const { err } = await runForeign('mosquitto_pub', [...as('board-2', 'guessed'), '-p', String(ward.broker.ports.mqtts), ...ca, '-t', tele, '-m', 'x', '-q', '1'])
    expect(err).toMatch(/bad user name or password/i)
  })

  it('a client that trusts another authority does not connect over TLS', async () => {
    await expect(rawTls(ward.broker.ports.mqtts ?? 0, '')).rejects.toThrow()
  })

  it('whoever does not speak TLS on the TLS port, or vanishes while doing so, is counted and harms nobody', async () => {
    const said = [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0]), Buffer.alloc(0)]
    for (let i = 0; i < 30; i++) {
      const { socket } = await rawTcp(ward.broker.ports.mqtts ?? 0)
      socket.write(said[i % said.length] ?? '')
      if (i % 2 === 0) (socket as Socket).resetAndDestroy()
      else socket.end()
    }
    await until('they are counted', async () => (await ward.refused('tls_handshake')) > 10)
  })

  it('MQTT.js over WebSocket sends and hears', async () => {
    const client = await mqtt.connectAsync(`ws://127.0.0.1:${ward.broker.ports.ws}/mqtt`, { username: 'board-3', password: secretOf('board-3'), clientId: 'board-3', reconnectPeriod: 0, keepalive: 30 })
    const topic = 'vitals/1/main/board-3/command'
    const heard = new Promise<string>((resolve) => client.on('message', (_topic, payload) => resolve(payload.toString())))
    expect((await client.subscribeAsync(topic, { qos: 1 }))[0]?.qos).toBe(1)
    const central = await ward.service('central')
    await publish(central, topic, '"over WebSocket"')
    expect(await heard).toBe('"over WebSocket"')
    await client.publishAsync('vitals/1/main/board-3/tele', Buffer.alloc(200_000, 32), { qos: 1 })
    await client.endAsync()
  })

  it('a raw TLS client is held to the same rules', async () => {
    const client = await rawTls(ward.broker.ports.mqtts ?? 0, (await ensureDevelopmentTls(dir, systemClock)).ca)
    expect((await signIn(client, { username: 'board-2', password: secretOf('board-2') })).returnCode).toBe(0)
    expect(await subscribe(client, '#')).toEqual([0x80])
    client.close()
  })
})
