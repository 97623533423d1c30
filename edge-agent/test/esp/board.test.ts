import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import { createBoard } from '../../esp/board.ts'
import type { Ecma419I2c } from '../../src/bus/ecma419-i2c.ts'
import { createSimulatedBoard } from '../../src/sim/simulated-board.ts'
import { address, recordings, topic } from '../support/bench-agent.ts'
import { eventually } from '../support/eventually.ts'
import { modelServer } from '../support/model-server.ts'
import { seeded } from '../support/seeded.ts'
import { startTestBroker, type TestBroker } from '../support/test-broker.ts'
import { fakeMqttClient } from './fake-mqtt-client.ts'
import { fakePreference } from './fake-preference.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function startBoard(broker: TestBroker, secret = 's') {
  const patient = createSimulatedBoard({ clock: systemClock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.6, seed: 1 })
  class I2C implements Ecma419I2c {
    readonly #address: number
    constructor(options: Record<string, unknown>) {
      this.#address = Number(options['address'])
    }
    read(into: number | Uint8Array): Uint8Array {
      const bytes = typeof into === 'number' ? new Uint8Array(into) : into
      const read = patient.bus.exchange(this.#address, undefined, bytes.length)
      if (!read) throw new TypeError('no acknowledge')
      bytes.set(read)
      return bytes
    }
    write(bytes: Uint8Array): void {
      if (!patient.bus.exchange(this.#address, bytes, 0)) throw new TypeError('no acknowledge')
    }
    close(): void {}
  }
  const light: boolean[] = []
  const logged: string[] = []
  const board = createBoard({
    settings: { ssid: 'ward', password: '', host: '127.0.0.1', port: broker.port, ...address, secret, breathing: 'ventilated' },
    clock: systemClock,
    random: seeded(3),
    I2C,
    pins: { data: 21, clock: 22 },
    connect: fakeMqttClient,
    preference: fakePreference(),
    utf8: { encode: (text) => Uint8Array.from(encoder.encode(text)).buffer, decode: (bytes) => decoder.decode(bytes) },
    indicator: { kind: 'LED', set: (on) => light.push(on) },
    hardware: 'esp32',
    mode: 'test',
    spoolCapacity: 200,
    log: (event) => logged.push(event),
  })
  onTestFinished(() => board.stop())
  return { board, light, logged }
}

/** A bridge that receipts what it hears. */
function serve(broker: TestBroker) {
  const server = modelServer()
  broker.onMessage = ({ topic: to, text }) => {
    const channel = to.split('/').slice(4).join('/')
    if (channel.startsWith('wave/')) return
    if (channel === 'tele' || channel === 'backlog' || channel === 'event') server.receive(channel, text)
    const { e, upto, st } = JSON.parse(text) as { e: string; upto: number; st?: string }
    if (channel === 'state' && st === 'online') broker.publish(topic('receipt'), server.answerOnline(e, upto))
    if (channel === 'tele') broker.publish(topic('receipt'), server.receiptFor((JSON.parse(text) as { e: string }).e))
  }
  return server
}

describe('the board program over the modules of a small engine', () => {
  it('is born, measures, and hears its receipts through a real broker', async () => {
    const broker = await startTestBroker()
    const server = serve(broker)
    const { board } = startBoard(broker)
    await board.start()
    await eventually(() => expect(board.status().spool.upto).toBeGreaterThan(2))
    expect(broker.retained(topic('state'))).toMatchObject({ st: 'online', mode: 'test', hw: 'esp32', caps: { receipts: true } })
    expect(server.counts.refused).toEqual([])
    expect(broker.retained(topic('config/reported'))).toMatchObject({ version: 0 })
  })

  it('does what it is told once, and takes its settings over', async () => {
    const broker = await startTestBroker()
    serve(broker)
    const { board, light } = startBoard(broker)
    await board.start()
    await eventually(() => expect(board.status().link.connected).toBe(true))
    const id = '0190f5e4-7c31-7abc-8def-0123456789ab'
    const command = { id, do: 'identify', args: { seconds: 1 }, exp: systemClock.now() + 60_000 }
    broker.publish(topic('command'), command)
    broker.publish(topic('command'), command)
    broker.publish(topic('config/desired'), { version: 4, set: { interval_ms: 2_000 } }, { retain: true })
    await eventually(() => expect(broker.heard.filter((h) => h.topic === topic('command/reply')).map((h) => (JSON.parse(h.text) as { st: string }).st)).toContain('done'))
    expect(light).toEqual([true, false])
    await eventually(() => expect(broker.retained(topic('config/reported'))).toMatchObject({ version: 4, set: { interval_ms: 2_000 } }))
  })

  it('keeps what it measured while the broker was away, and sends it in pieces that fit its socket', async () => {
    const broker = await startTestBroker()
    const { board } = startBoard(broker)
    await board.start()
    await eventually(() => expect(board.status().spool.unsent).toBeGreaterThan(3))
    const server = serve(broker)
    broker.cut()
    await eventually(() => expect(board.status().link.cuts).toBe(1))
    await eventually(() => expect(board.status().spool.unsent).toBeLessThan(2), 20_000)
    const { spool } = board.status()
    expect([...server.stored(spool.epoch).keys()]).toEqual(expect.arrayContaining([1, 2, 3]))
  })

  it('says goodbye, and leaves a will for when it cannot', async () => {
    const broker = await startTestBroker()
    serve(broker)
    const { board } = startBoard(broker)
    await board.start()
    await eventually(() => expect(broker.retained(topic('state'))).toMatchObject({ st: 'online' }))
    await board.stop()
    // Sent before the board is gone; the broker may read it a moment later.
    await eventually(() => expect(broker.retained(topic('state'))).toMatchObject({ st: 'off' }))
  })

  it('tells why it is not connected when its secret is refused, and tries again', async () => {
    const broker = await startTestBroker({ secret: 'right' })
    const { board, logged } = startBoard(broker, 'wrong')
    await board.start()
    await eventually(() => expect(board.status().link.why).toContain('refused this device'))
    expect(logged).toContain('link.failed')
  })
})
