import { describe, expect, it } from 'vitest'
import { checkDeviceState, checkReportedConfig, decodeWaveFrame, waveValues, type TelemetrySample } from '@vigil/contract'
import { defaultConfig } from '../../src/commands/config-keys.ts'
import type { Measurement } from '../../src/core/measurement.ts'
import { benchAgent, scriptedVitalSigns, topic } from '../support/bench-agent.ts'
import { eventually } from '../support/eventually.ts'
import { attachModelBridge } from '../support/model-bridge.ts'
import { startTestBroker, type TestBroker } from '../support/test-broker.ts'

const objects = <T>(broker: TestBroker, channel: string): T[] => broker.heard.filter((m) => m.topic === topic(channel)).flatMap((m) => [JSON.parse(m.text) as T | T[]].flat() as T[])
const samples = (broker: TestBroker): TelemetrySample[] => objects<TelemetrySample>(broker, 'tele')
const command = (n: number, what: string, args = {}) => ({ id: `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`, do: what, args, exp: Date.now() + 60_000 })

describe('the agent on a board', () => {
  it('tells what it is and what it can do, from the sensors that answer', async () => {
    const broker = await startTestBroker()
    const { agent } = benchAgent(broker.url)
    await agent.start()
    await eventually(() => expect(broker.retained(topic('state'))).toBeDefined())
    const state = checkDeviceState(broker.retained(topic('state')))
    expect(state).toMatchObject({
      ok: true,
      value: {
        st: 'online', e: 'abcd0001', upto: 0, mode: 'test', fw: '0.1.0', hw: 'bench', cfgv: 0,
        caps: {
          receipts: true,
          commands: ['identify', 'measure_now', 'self_test', 'set_time', 'restart', 'send_log', 'stream_wave', 'display', 'calibrate'].map((name) => ({ name })),
          config: { interval_ms: { minimum: 200, maximum: 60_000 } },
          signals: expect.arrayContaining(['pr', 'spo2', 'pi', 'temp', 'paw', 'rr', 'pip', 'peep']),
          waves: ['pleth_ir', 'paw'],
          sensors: [{ model: 'tmp117', address: 0x48 }, { model: 'max30102', address: 0x57 }, { model: 'bmp280', address: 0x76 }, { model: 'bmp280', address: 0x77 }],
          note: 'emulated sensors',
        },
      },
    })
    expect(checkReportedConfig(broker.retained(topic('config/reported')))).toMatchObject({ ok: true, value: { version: 0, set: defaultConfig } })
  })

  it('sends one object a second with what it measured, and a receipt ends each', async () => {
    const broker = await startTestBroker()
    const bridge = attachModelBridge(broker)
    let beats = 70
    const { agent } = benchAgent(broker.url, { vitalSigns: scriptedVitalSigns(() => ({ m: { pr: (beats += 1) / 3 }, q: { pr: 'low' }, x: { spo2: 'warmup' }, sq: { pr: 87.4 } })) })
    await agent.start()
    await eventually(() => expect(samples(broker).length).toBeGreaterThanOrEqual(3))
    await eventually(() => expect(agent.status().spool).toMatchObject({ unsent: 0, onTheWay: 0 }))
    const seen = samples(broker)
    expect(seen.map(({ s }) => s)).toEqual(seen.map((_, i) => i + 1))
    expect(seen[1]).toMatchObject({ e: 'abcd0001', m: { pr: 24, temp: expect.closeTo(36.8, 0), pamb: expect.closeTo(1_013, -2) }, q: { pr: 'low' }, x: { spo2: 'warmup' }, sq: { pr: 87 } })
    expect((seen[2]?.t ?? 0) - (seen[1]?.t ?? 0)).toBeGreaterThan(800)
    expect((seen[2]?.t ?? 0) - (seen[1]?.t ?? 0)).toBeLessThan(1_200)
    expect(bridge.counts.refused).toEqual([])
  })

  it('draws the pleth and the mask pressure in frames of a second, systole upwards', async () => {
    const broker = await startTestBroker()
    const { agent } = benchAgent(broker.url)
    await agent.start()
    const frames = (channel: string) => broker.heard.filter((m) => m.topic === topic(`wave/${channel}`)).map((m) => decodeWaveFrame(m.payload))
    await eventually(() => expect(Math.min(frames('pleth_ir').length, frames('paw').length)).toBeGreaterThanOrEqual(3))
    const [, second, third] = frames('paw')
    expect(second).toMatchObject({ hz: 25, seq: 2 })
    expect((third?.t0Us ?? 0) - (second?.t0Us ?? 0)).toBe(1_000_000)
    const pressure = frames('paw').flatMap((frame) => (frame ? [...waveValues(frame)] : []))
    expect(Math.max(...pressure.filter((v) => !Number.isNaN(v)))).toBeLessThan(25)
    expect(pressure.filter((v) => Number.isNaN(v)).length).toBeLessThan(pressure.length / 10)
    const light = frames('pleth_ir').flatMap((frame) => (frame ? [...waveValues(frame)] : []))
    expect(Math.min(...light)).toBeGreaterThan(0)
    expect(broker.heard.filter((m) => m.topic.includes('wave')).every((m) => !m.retain)).toBe(true)
  })

  it('does what it is asked: identify, measure now, and a new interval', async () => {
    const broker = await startTestBroker()
    const { agent, light } = benchAgent(broker.url, { vitalSigns: scriptedVitalSigns(() => ({ m: { pr: 72 } })) })
    await agent.start()
    // The thermometer's first conversion takes half a second.
    await eventually(() => expect(samples(broker).at(-1)?.m).toHaveProperty('temp'))
    const replies = (): { id: string; st: string; data?: { m?: Measurement['m'] } }[] => objects(broker, 'command/reply')
    broker.publish(topic('config/desired'), { version: 1, set: { interval_ms: 60_000 } }, { retain: true })
    await eventually(() => expect(broker.retained(topic('config/reported'))).toEqual({ version: 1, set: { ...defaultConfig, interval_ms: 60_000 } }))
    const before = samples(broker).length
    broker.publish(topic('command'), command(1, 'identify', { seconds: 1 }))
    broker.publish(topic('command'), command(2, 'measure_now'))
    await eventually(() => expect(replies().filter(({ st }) => st === 'done')).toHaveLength(2))
    expect(light).toEqual([true, false])
    expect(replies().find(({ id, st }) => id === command(2, '').id && st === 'done')?.data?.m).toMatchObject({ pr: 72, temp: expect.any(Number) })
    expect(samples(broker)).toHaveLength(before + 1)
    broker.publish(topic('config/desired'), { version: 2, set: { interval_ms: 200 } }, { retain: true })
    await eventually(() => expect(samples(broker).length).toBeGreaterThan(before + 8), 4_000)
  })

  it('reports a sensor that does not answer, keeps the others going, and says when it is back', async () => {
    const broker = await startTestBroker()
    const vitalSigns = scriptedVitalSigns()
    const { agent, board } = benchAgent(broker.url, { vitalSigns })
    await agent.start()
    await eventually(() => expect(samples(broker).length).toBeGreaterThan(0))
    board.chips.thermometer.unplug()
    const events = (): unknown[] => objects(broker, 'event')
    await eventually(() => expect(events()).toMatchObject([{ ev: 'sensor_fault', ph: 'start', src: 'tmp117', data: { address: 0x48 } }]))
    await eventually(() => expect(samples(broker).at(-1)?.x).toEqual({ temp: 'fault' }))
    expect(samples(broker).at(-1)?.m).toHaveProperty('pamb')
    expect(agent.status().faults).toMatchObject([{ model: 'tmp117', why: expect.stringContaining('No answer') }])
    board.chips.thermometer.plugIn()
    await eventually(() => expect(events()).toMatchObject([{ ph: 'start' }, { ev: 'sensor_fault', ph: 'end', src: 'tmp117' }]))
    await eventually(() => expect(samples(broker).at(-1)?.m).toHaveProperty('temp'))
  })

  it('knows which sensors it had: one that is missing at the next start is a fault, not a board without it', async () => {
    const broker = await startTestBroker()
    const places = [{ model: 'max30102', address: 0x57 }, { model: 'tmp117', address: 0x49 }]
    const { agent } = benchAgent(broker.url, { documents: { commands: memory(), config: memory(), sensors: memory(places) } })
    await agent.start()
    await eventually(() => expect(samples(broker).at(-1)?.m).toHaveProperty('temp'))
    expect(agent.status().faults).toMatchObject([{ model: 'tmp117', address: 0x49 }])
    expect(agent.status().sensors).toHaveLength(5)
  })

  it('says off at the end', async () => {
    const broker = await startTestBroker()
    const { agent } = benchAgent(broker.url)
    await agent.start()
    await eventually(() => expect(broker.retained(topic('state'))).toMatchObject({ st: 'online' }))
    await agent.stop()
    await eventually(() => expect(broker.clients()).toBe(0))
    expect(broker.retained(topic('state'))).toMatchObject({ st: 'off', e: 'abcd0001' })
  })
})

function memory<T>(value?: T): { load: () => T | undefined; save: () => void } {
  return { load: () => value, save: () => {} }
}
