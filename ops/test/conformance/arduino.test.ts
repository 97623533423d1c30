import { connectAsync } from 'mqtt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import { checkDevice } from '../../src/conformance/check-device.ts'
import { until } from '../support/until.ts'
import { compileSketch } from './arduino.ts'
import { startBench } from './bench.ts'

const address = { site: 'main', device: 'arduino-1' }

describe('the Arduino sketch', () => {
  it('keeps the protocol: objects, receipts, will, commands once, configuration, backlog', async () => {
    const bench = await startBench(address.device)
    const board = await compileSketch(bench.port)
    const child = board.run(120)
    const checking = checkDevice({ url: bench.url, address, seconds: 30, stimuli: ['command', 'config', 'rewind'], clock: systemClock, tell: () => {} })
    // Without a goodbye: its will speaks for it.
    systemClock.after(27_000, () => void child.kill('SIGKILL'))
    const verdicts = await checking
    expect(verdicts.filter(({ state }) => state === 'broken')).toEqual([])
    const kept = verdicts.filter(({ state }) => state === 'kept').map(({ clause }) => clause)
    expect(kept).toEqual(expect.arrayContaining(['birth', 'will', 'topics', 'quality', 'retained', 'object', 'epoch', 'numbers', 'again', 'clock', 'sentinels', 'absence', 'backlog', 'rewind', 'commands', 'repeated', 'expired', 'unknown', 'configuration']))
  }, 180_000)

  it('measures what its sensors show, and after a restart answers a command it has done without doing it again', async () => {
    const bench = await startBench(address.device)
    const board = await compileSketch(bench.port)
    const nurse = await connectAsync(bench.url, { clientId: 'nurse' })
    onTestFinished(() => nurse.endAsync(true))
    const topic = (channel: string): string => `vitals/1/main/${address.device}/${channel}`
    const replies: { readonly st: string }[] = []
    let values: Readonly<Record<string, number>> = {}
    nurse.on('message', (to, payload) => {
      const value = JSON.parse(payload.toString('utf8')) as { st: string; m: Record<string, number> }
      if (to === topic('tele')) values = value.m
      else replies.push(value)
    })
    await nurse.subscribeAsync([topic('tele'), topic('command/reply')], { qos: 1 })
    const command = JSON.stringify({ id: '0190f5e4-7c31-7abc-8def-0123456789ab', do: 'measure_now', args: {}, exp: systemClock.now() + 170_000 })

    const first = board.run(120)
    await until('the pulse is known', () => values['pr'] !== undefined, 40_000)
    expect(Math.abs((values['pr'] ?? 0) - 72)).toBeLessThan(2)
    expect(values['spo2']).toBeCloseTo(95.76, 0)
    expect(values['temp']).toBeCloseTo(36.8, 1)
    await nurse.publishAsync(topic('command'), command, { qos: 1 })
    await until('the command is done', () => replies.some(({ st }) => st === 'done'), 20_000)
    first.kill('SIGKILL')
    const before = replies.length

    board.run(120)
    await until('it is back', () => bench.stored.size === 2, 20_000)
    await nurse.publishAsync(topic('command'), command, { qos: 1 })
    await until('it has answered', () => replies.length > before, 20_000)
    expect(replies.slice(before)).toEqual([replies[before - 1]])
    expect(replies.at(-1)).toMatchObject({ st: 'done' })
  }, 180_000)

  it('says which objects it no longer has when it is asked for them again, instead of leaving a hole that nobody is told of', async () => {
    const bench = await startBench(address.device)
    const board = await compileSketch(bench.port)
    const nurse = await connectAsync(bench.url, { clientId: 'nurse' })
    onTestFinished(() => nurse.endAsync(true))
    const topic = (channel: string): string => `vitals/1/main/${address.device}/${channel}`
    const heard: { readonly e: string; readonly s: number; readonly gap?: readonly [number, number] }[] = []
    nurse.on('message', (_, payload) => void heard.push(...([JSON.parse(payload.toString('utf8'))].flat() as typeof heard)))
    await nurse.subscribeAsync(['tele', 'backlog'].map(topic), { qos: 1 })
    await nurse.publishAsync(topic('config/desired'), '{"version":1,"set":{"interval_ms":200}}', { qos: 1, retain: true })
    board.run(120)
    const ring = 120
    await until('it has let go of objects', () => heard.some(({ s }) => s > ring + 20), 90_000)
    const { e, s: newest } = heard.at(-1) as (typeof heard)[number]
    await nurse.publishAsync(topic('receipt'), JSON.stringify({ e, upto: 0, rewind: 1 }), { qos: 1 })
    await until('it says so', () => heard.some(({ gap }) => gap?.[0] === 1 && gap[1] >= newest - ring), 20_000)
  }, 180_000)

  it('after 49.7 days, when its count of milliseconds begins again: connects, sends what waited, and dates nothing wrongly', async () => {
    const bench = await startBench(address.device)
    const board = await compileSketch(bench.port)
    const nurse = await connectAsync(bench.url, { clientId: 'nurse' })
    onTestFinished(() => nurse.endAsync(true))
    const heard: Dated[] = []
    nurse.on('message', (_, payload) => void heard.push(...([JSON.parse(payload.toString('utf8'))].flat() as Dated[])))
    await nurse.subscribeAsync(['tele', 'backlog'].map((channel) => `vitals/1/main/${address.device}/${channel}`), { qos: 1 })
    const before = 5_000
    const beganAt = systemClock.now()

    board.run(120, 2 ** 32 - before)
    await until('the count has begun again', () => heard.some(({ t }) => t !== undefined && t > beganAt + before + 2_000), 60_000)

    const numbers = [...new Set(heard.map(({ s }) => s))].toSorted((a, b) => a - b)
    expect(numbers).toEqual(numbers.map((_, i) => i + 1))
    // Connected before that moment, so its objects have a time on both sides of it.
    expect(heard.some(({ t }) => t !== undefined && t < beganAt + before)).toBe(true)
    for (const { t, up } of heard) {
      if (t === undefined) expect(up).toBeGreaterThan(2 ** 32 - before)
      else expect(t).toBeGreaterThanOrEqual(beganAt)
    }
  }, 180_000)
})

interface Dated {
  readonly s: number
  readonly t?: number
  readonly up?: number
}
