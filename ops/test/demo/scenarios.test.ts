import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DEMO_COMMAND, type DemoScenario } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createSimulatedBoard, openRecordings } from '@vigil/edge-agent'
import { systemClock } from '@vigil/program'
import { openBrokerWay } from '../../src/demo/broker-way.ts'
import { createScenarioPlayer } from '../../src/demo/scenarios.ts'

const recordings = openRecordings()

function demoBoard({ hasMask = true, cutBroker }: { hasMask?: boolean; cutBroker?: (forMs: number) => void } = {}) {
  const clock = manualClock()
  const player = createScenarioPlayer({ clock, baseTempCel: 36.8, hasMask, cutBroker })
  const board = createSimulatedBoard({ clock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.45, baseTempCel: 36.8, seed: 3, disturbance: player.disturbance })
  player.attach(board)
  const truth = () => board.truth(clock.monotonic())
  const breathSwing = () => {
    const pressures = Array.from({ length: 100 }, (_, i) => board.truth(clock.monotonic() + i * 50).mask?.cmH2O ?? 0)
    return Math.max(...pressures) - Math.min(...pressures)
  }
  return { clock, player, board, truth, breathSwing, play: (scenario: DemoScenario, seconds: number) => player.command.run({ scenario, seconds }) }
}

describe('a scenario of the demo ward', () => {
  it('desaturation falls to 84 % within ten seconds, stays, and comes back by itself', async () => {
    const { clock, truth, play } = demoBoard()
    const usual = truth().spo2
    await play('desaturation', 60)
    clock.advance(5_000)
    expect(truth().spo2).toBeGreaterThan(84)
    expect(truth().spo2).toBeLessThan(usual)
    clock.advance(10_000)
    expect(truth().spo2).toBeCloseTo(84, 6)
    clock.advance(50_000)
    expect(truth().spo2).toBe(usual)
  })

  it('apnoea holds the breath at the mask’s mean pressure', async () => {
    const { clock, breathSwing, play } = demoBoard()
    expect(breathSwing()).toBeGreaterThan(0.3)
    await play('apnoea', 60)
    clock.advance(3_000)
    expect(breathSwing()).toBeCloseTo(0, 6)
    clock.advance(60_000)
    expect(breathSwing()).toBeGreaterThan(0.3)
  })

  it('fever rises over 40 s to 39.7, never by a jump', async () => {
    const { clock, truth, play } = demoBoard()
    await play('fever', 240)
    let before = truth().temperatureCel
    for (let s = 0; s < 41; s++) {
      clock.advance(1_000)
      expect(truth().temperatureCel - before).toBeLessThan(0.15)
      before = truth().temperatureCel
    }
    expect(before).toBeGreaterThan(39.3)
  })

  it('probe off takes the finger from the glass and puts it back; calm ends it at once', async () => {
    const { clock, board, play } = demoBoard()
    let [off, on] = [0, 0]
    board.chips.oximeter.removeFinger = () => void (off += 1)
    board.chips.oximeter.placeFinger = () => void (on += 1)
    await play('probe_off', 30)
    expect([off, on]).toEqual([1, 0])
    clock.advance(30_000)
    expect([off, on]).toEqual([1, 1])
    await play('probe_off', 30)
    await play('calm', 5)
    expect([off, on]).toEqual([2, 2])
  })

  it('is offered only where it can be played, under the name no real board has', () => {
    const offered = ({ player }: ReturnType<typeof demoBoard>) => (player.command.offer.args as { properties: { scenario: { enum: string[] } } }).properties.scenario.enum
    expect(demoBoard().player.command.offer.name).toBe(DEMO_COMMAND)
    expect(offered(demoBoard({ hasMask: false }))).toEqual(['desaturation', 'fever', 'probe_off', 'calm'])
    expect(offered(demoBoard({ cutBroker: () => {} }))).toContain('broker_down')
    expect(demoBoard({ hasMask: false }).player.command.check({ scenario: 'apnoea' })).toMatch(/scenario/)
  })

  it('broker down cuts the way after the answer is out', async () => {
    const cuts: number[] = []
    const { clock, play } = demoBoard({ cutBroker: (forMs) => cuts.push(forMs) })
    expect(await play('broker_down', 45)).toEqual({ scenario: 'broker_down', seconds: 45 })
    expect(cuts).toEqual([])
    clock.advance(2_000)
    expect(cuts).toEqual([45_000])
  })
})

describe('the way of the demo boards to their broker', () => {
  it('carries both ways, ends without a goodbye when cut, and refuses until the time is over', async () => {
    const broker = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
    await once(broker, 'listening')
    const clock = { ...systemClock, monotonic: () => nowMs }
    let nowMs = 1_000
    const way = await openBrokerWay(`mqtt://127.0.0.1:${(broker.address() as { port: number }).port}`, clock)
    if (!way) expect.fail('no way to a plain broker')
    onTestFinished(async () => {
      await way.close()
      broker.close()
    })
    const port = Number(new URL(way.url).port)
    const board = connect(port, '127.0.0.1')
    board.on('error', () => {})
    board.write('ping')
    expect(String((await once(board, 'data'))[0])).toBe('ping')
    way.cut(60_000)
    await once(board, 'close')
    const early = connect(port, '127.0.0.1')
    early.on('error', () => {})
    await once(early, 'close')
    nowMs += 60_001
    const late = connect(port, '127.0.0.1')
    late.write('pong')
    expect(String((await once(late, 'data'))[0])).toBe('pong')
    late.destroy()
  })

  it('is not there for a broker with TLS: the boards go straight to it', async () => {
    expect(await openBrokerWay('mqtts://broker.example:8883', systemClock)).toBeUndefined()
  })
})
