import { once } from 'node:events'
import { createServer, connect as dial, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { encodeWaveFrame, decodeWaveFrame, type Clock } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { systemClock } from '@vigil/program'
import type { LinkHandlers } from '../../src/link/link.ts'
import { mqttLink } from '../../src/link/mqtt-link.ts'
import { eventually } from '../support/eventually.ts'
import { seeded } from '../support/seeded.ts'
import { startTestBroker } from '../support/test-broker.ts'

const address = { site: 'main', device: 'board-1' }
const topic = (channel: string): string => `vitals/1/main/board-1/${channel}`

function station(url: string, { secret = 's', clock = systemClock }: { secret?: string; clock?: Clock } = {}) {
  const said: [string, unknown][] = []
  const logged: [string, unknown][] = []
  const handlers: LinkHandlers = {
    birth: () => ({ st: 'online', e: 'abcd0001', upto: 7 }),
    online: () => said.push(['online', undefined]),
    offline: () => said.push(['offline', undefined]),
    receipt: (receipt) => said.push(['receipt', receipt]),
    desiredConfig: (desired) => said.push(['desired', desired]),
    command: (command) => said.push(['command', command]),
    unreadableCommand: (id, reason) => said.push(['unreadable', [id, reason]]),
    alarmsAtCentre: (confirmation) => said.push(['alarms', confirmation]),
    serverTime: (t) => said.push(['time', t]),
  }
  const link = mqttLink({ address, url, secret, clock, random: seeded(5), epoch: 'abcd0001', log: (event, facts) => logged.push([event, facts]) })
  onTestFinished(() => link.stop())
  link.start(handlers)
  return { link, said, logged, heard: (what: string) => said.filter(([name]) => name === what).map(([, value]) => value) }
}

describe('the link', () => {
  it('says online, retained, once it hears its receipts and commands', async () => {
    const broker = await startTestBroker()
    const { said, link } = station(broker.url)
    await eventually(() => expect(broker.retained(topic('state'))).toEqual({ st: 'online', e: 'abcd0001', upto: 7 }))
    expect(said).toEqual([['online', undefined]])
    expect(link.status()).toMatchObject({ connected: true, why: undefined })
  })

  it('hears receipts, configuration, commands and the time, and counts what it cannot read', async () => {
    const broker = await startTestBroker()
    broker.publish(topic('config/desired'), { version: 3, set: { interval_ms: 2_000 } }, { retain: true })
    const { heard, link } = station(broker.url)
    const command = { id: '01890000-0000-7000-8000-000000000001', do: 'identify', args: {}, exp: 5 }
    await eventually(() => expect(heard('desired')).toEqual([{ version: 3, set: { interval_ms: 2_000 } }]))
    broker.publish(topic('receipt'), { e: 'abcd0001', upto: 3, have: [[5, 6]] })
    broker.publish(topic('command'), command)
    broker.publish(topic('command'), { ...command, exp: 'soon' })
    broker.publish(topic('command'), '{"id":')
    broker.publish('vitals/1/main/$time', { t: 1_772_362_800_000 }, { qos: 0 })
    broker.publish(topic('receipt'), { e: 'abcd0001' })
    await eventually(() => expect(heard('time')).toEqual([1_772_362_800_000]))
    await eventually(() => expect(link.status().unreadable).toBe(3))
    expect(heard('receipt')).toEqual([{ e: 'abcd0001', upto: 3, have: [[5, 6]] }])
    expect(heard('command')).toEqual([command])
    expect(heard('unreadable')).toMatchObject([[command.id, expect.stringContaining('/exp')], [undefined, expect.any(String)]])
  })

  it('tells at the PUBACK, and sends waveforms as they are', async () => {
    const broker = await startTestBroker()
    const { link, said } = station(broker.url)
    await eventually(() => expect(said).toHaveLength(1))
    let settled = 0
    link.publish('tele', '{"e":"abcd0001","s":1}', { settled: () => (settled += 1) })
    const frame = { seq: 1, t0Us: 5, hz: 25, scale: 1, offset: 0, samples: Int16Array.of(1, -2, 3) }
    link.publishWave('paw', encodeWaveFrame(frame))
    await eventually(() => expect(settled).toBe(1))
    await eventually(() => expect(broker.heard.map((m) => m.topic)).toContain(topic('wave/paw')))
    expect(decodeWaveFrame(broker.heard.find((m) => m.topic === topic('wave/paw'))?.payload ?? Buffer.alloc(0))).toEqual(frame)
  })

  it('says off when it is stopped in order', async () => {
    const broker = await startTestBroker()
    const { link, said } = station(broker.url)
    await eventually(() => expect(said).toHaveLength(1))
    await link.stop()
    await eventually(() => expect(broker.clients()).toBe(0))
    // A connection that just breaks off would have been declared lost by now.
    expect(broker.retained(topic('state'))).toMatchObject({ st: 'off', e: 'abcd0001' })
  })

  it('is said to be lost by the broker when the plug is pulled, and is back within a second', async () => {
    const broker = await startTestBroker()
    const { said, link } = station(broker.url)
    await eventually(() => expect(said).toHaveLength(1))
    broker.cut()
    await eventually(() => expect(broker.heard.some((m) => m.topic === topic('state') && m.text.includes('"lost"'))).toBe(true))
    await eventually(() => expect(said.map(([name]) => name)).toEqual(['online', 'offline', 'online']), 2_000)
    await eventually(() => expect(broker.retained(topic('state'))).toMatchObject({ st: 'online' }))
    expect(link.status().cuts).toBe(1)
  })

  it('sends nothing of an old connection again by itself: that is for the spool to decide', async () => {
    const broker = await startTestBroker()
    const { said, link } = station(broker.url)
    await eventually(() => expect(said).toHaveLength(1))
    link.publish('tele', '{"e":"abcd0001","s":1}')
    broker.cut()
    link.publish('tele', '{"e":"abcd0001","s":2}')
    await eventually(() => expect(said).toHaveLength(3))
    link.publish('tele', '{"e":"abcd0001","s":3}')
    await eventually(() => expect(broker.heard.some((m) => m.text.includes('"s":3'))).toBe(true))
    expect(broker.heard.filter((m) => m.topic === topic('tele') && m.text.includes('"s":1')).length).toBeLessThanOrEqual(1)
  })

  it('finds the broker again after that was away', async () => {
    const first = await startTestBroker()
    const { said, link } = station(first.url)
    await eventually(() => expect(said).toHaveLength(1))
    await first.stop()
    await eventually(() => expect(link.status().why).toContain('Nobody answers'))
    await startTestBroker({ port: first.port })
    await eventually(() => expect(link.status().connected).toBe(true))
  })

  it('works with a broker whose rules do not know what the centre holds open, and says so; without receipts it does not', async () => {
    const older = await startTestBroker({ forbidden: [topic('alarm')] })
    const { said, logged } = station(older.url)
    await eventually(() => expect(said).toEqual([['online', undefined]]))
    expect(logged).toEqual([['link.online', { lacks: [topic('alarm')] }]])
    const closed = await startTestBroker({ forbidden: [topic('receipt')] })
    const { link } = station(closed.url)
    await eventually(() => expect(link.status().why).toContain('does not let this device hear its receipts and commands'))
  })

  it('says in a sentence that its secret is refused, once, and never shows the secret', async () => {
    const broker = await startTestBroker({ secret: 'right' })
    const { link, logged } = station(broker.url, { secret: 'wrong-secret' })
    await eventually(() => expect(link.status().why).toContain('refuses the name or the secret'))
    expect(logged).toHaveLength(1)
    expect(JSON.stringify([logged, link.status()])).not.toContain('wrong-secret')
  })

  it('gives up an address where nobody says anything', async () => {
    const proxy = await freezingProxy((await startTestBroker()).port)
    proxy.freeze()
    const clock = manualClock()
    const { link } = station(proxy.url, { clock })
    clock.advance(12_500)
    expect(link.status().why).toBe('Not connected yet')
    clock.advance(2_500)
    expect(link.status()).toMatchObject({ connected: false, why: 'The broker does not answer' })
  })

  it('notices a dead line while it has nothing to say', async () => {
    const broker = await startTestBroker()
    const proxy = await freezingProxy(broker.port)
    const clock = manualClock()
    const { link, said } = station(proxy.url, { clock })
    await eventually(() => expect(said).toHaveLength(1))
    await eventually(() => expect(broker.heard).toHaveLength(1))
    proxy.freeze()
    for (let seconds = 0; seconds < 30; seconds += 5) clock.advance(5_000)
    await eventually(() => expect(link.status().cuts).toBe(1))
  })

  it('speaks through a WebSocket as well', async () => {
    const broker = await startTestBroker()
    const { said, link } = station(await webSocketTo(broker.port))
    await eventually(() => expect(said).toEqual([['online', undefined]]))
    let settled = false
    link.publish('tele', `"${'x'.repeat(70_000)}"`, { settled: () => (settled = true) })
    await eventually(() => expect(settled).toBe(true))
    expect(broker.heard.at(-1)?.text).toHaveLength(70_002)
  })

  it('counts a message that is too long, acknowledges it, and goes on', async () => {
    const broker = await startTestBroker()
    const { said, heard, link } = station(broker.url)
    await eventually(() => expect(said).toHaveLength(1))
    broker.publish(topic('receipt'), { e: 'x'.repeat(200_000) })
    broker.publish(topic('receipt'), { e: 'abcd0001', upto: 3 })
    await eventually(() => expect(heard('receipt')).toEqual([{ e: 'abcd0001', upto: 3 }]))
    expect(link.status()).toMatchObject({ unreadable: 1, cuts: 0 })
  })

  it('leaves what is no broker, and says so', async () => {
    const server = createServer((socket) => socket.write(`HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n${'x'.repeat(100)}`))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { link } = station(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await eventually(() => expect(link.status().why).toBe('What answers at the address of the broker does not speak MQTT'))
    expect(link.status().connected).toBe(false)
    server.close()
  })

  it('leaves a broker that stopped answering after 15 s', async () => {
    const broker = await startTestBroker()
    const proxy = await freezingProxy(broker.port)
    const clock = manualClock()
    const { link, said } = station(proxy.url, { clock })
    await eventually(() => expect(said).toHaveLength(1))
    await eventually(() => expect(broker.heard).toHaveLength(1))
    proxy.freeze()
    link.publish('tele', '{"e":"abcd0001","s":1}')
    clock.advance(12_500)
    expect(link.status().connected).toBe(true)
    clock.advance(2_500)
    await eventually(() => expect(said.map(([name]) => name)).toEqual(['online', 'offline']))
    expect(link.status().why).toBe('The broker stopped answering')
  })
})

/** A WebSocket in front of a port. */
async function webSocketTo(port: number): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'mqtt' })
  server.on('connection', (near) => {
    const far = dial(port, '127.0.0.1')
    far.on('data', (bytes) => near.send(bytes))
    far.on('error', () => {})
    far.on('close', () => near.close())
    near.on('message', (bytes) => far.write(bytes as Buffer))
    near.on('close', () => far.destroy())
  })
  await once(server, 'listening')
  onTestFinished(() => server.close())
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`
}

/** Passes bytes on until it is frozen; then the line is dead without a word, as after a power cut of a switch. */
async function freezingProxy(port: number): Promise<{ url: string; freeze(): void }> {
  let frozen = false
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1')
    sockets.push(near, far)
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.on('data', (chunk) => frozen || to.write(chunk))
      from.on('error', () => {})
      from.on('close', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, freeze: () => (frozen = true) }
}
