import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { benchmarks } from './benchmarks.ts'
import type { Benchmark, Side } from './framework/benchmark.ts'
import { judge } from './framework/judge.ts'
import { table } from './framework/report.ts'
import { runBenchmark } from './framework/run-benchmark.ts'
import { median, quantile } from './framework/statistics.ts'
import { connectPacket, PacketCutter, PUBLISH, writePublish } from './load/wire.ts'

const quiet = { quick: true, tell: () => undefined, onRun: () => undefined }
const side = (name: string, log: string[], values: readonly number[]): Side => ({
  name,
  start: async () => {
    let run = 0
    return { run: async () => (log.push(name), { perSecond: values[run++] ?? 0 }) }
  },
})
const against = (sides: readonly Side[]): Benchmark => ({ name: 'example', what: 'an example', sides, targets: [{ says: 'a against b', of: 'a.perSecond', to: 'b.perSecond', atLeast: 0.5 }] })

describe('a benchmark', () => {
  it('runs its sides in turn and judges the median of the ratios of each round', async () => {
    const order: string[] = []
    // The machine is twice as slow in the second round: both sides feel it, and the ratio stays.
    const { verdicts } = await runBenchmark(against([side('a', order, [60, 30, 10]), side('b', order, [100, 50, 100])]), { ...quiet, runs: 3 })
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
    expect(verdicts).toEqual([{ says: 'a against b', value: 0.6, lowest: 0.1, highest: 0.6, bound: '>= 0.5', verdict: 'met' }])
  })

  it('says so when a side cannot run, and judges nothing by it', async () => {
    const broken: Side = { name: 'b', start: () => Promise.reject(new RangeError('no such program')) }
    const outcome = await runBenchmark(against([side('a', [], [60]), broken]), { ...quiet, runs: 1 })
    expect(outcome.missing).toEqual(new Map([['b', 'no such program']]))
    expect(outcome.verdicts[0]?.verdict).toBe('not measured')
    expect(table(outcome)).toContain('| b | no such program |')
  })

  it('gives up on a run that never ends', async () => {
    const stuck: Side = { name: 'a', start: async () => ({ run: () => new Promise(() => undefined) }) }
    const outcome = await runBenchmark({ ...against([stuck, side('b', [], [1])]), runLimitMs: 20 }, { ...quiet, runs: 2 })
    expect(outcome.missing.get('a')).toContain('not finished after 0.02 s')
  })

  it('knows an upper bound, and a bound without a control', () => {
    const round = new Map([['a', { p99Ms: 4 }]])
    expect(judge({ says: 'p99', of: 'a.p99Ms', atMost: 3 }, [round])).toMatchObject({ value: 4, bound: '<= 3', verdict: 'missed' })
    expect(judge({ says: 'p99', of: 'a.p99Ms', atMost: 5 }, [round]).verdict).toBe('met')
  })
})

it('each benchmark has its own name, and its targets speak of its own sides', () => {
  expect(new Set(benchmarks.map(({ name }) => name)).size).toBe(benchmarks.length)
  for (const { name, sides, targets } of benchmarks) {
    const known = new Set(sides.map((one) => one.name))
    for (const { of, to } of targets) for (const measure of [of, ...(to ? [to] : [])]) expect(known, `${name}: ${measure}`).toContain(measure.split('.')[0])
  }
})

it('takes the median and quantiles as tables of statistics do', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(quantile(Array.from({ length: 100 }, (_, i) => i + 1), 0.99)).toBe(99)
  expect(quantile([7], 0.5)).toBe(7)
})

describe('the wire of the load generator', () => {
  it('is the same MQTT as the parser of a real client reads, however it is cut', async () => {
    const { parser } = await import('mqtt-packet')
    const topic = Buffer.from('vitals/1/main/b/tele')
    for (const payload of ['{}', 'x'.repeat(110), 'y'.repeat(5_000)]) {
      const out = Buffer.alloc(6_000)
      const packet = out.subarray(0, writePublish(out, 0, topic, 513, payload))
      const seen: unknown[] = []
      parser({ protocolVersion: 4 }).on('packet', (read) => seen.push(read)).parse(packet)
      expect(seen).toMatchObject([{ cmd: 'publish', qos: 1, topic: topic.toString(), messageId: 513, payload: Buffer.from(payload) }])
      const types: number[] = []
      const cutter = new PacketCutter((type) => types.push(type))
      for (const byte of packet) cutter.push(Buffer.from([byte]))
      cutter.push(Buffer.concat([packet, packet]))
      expect(types).toEqual([PUBLISH, PUBLISH, PUBLISH])
    }
    const seen: unknown[] = []
    parser({ protocolVersion: 4 }).on('packet', (read) => seen.push(read)).parse(connectPacket({ clientId: 'b', username: 'b', password: 'secret', keepaliveS: 60 }))
    expect(seen).toMatchObject([{ cmd: 'connect', clientId: 'b', username: 'b', keepalive: 60, clean: true }])
  })
})

it('npm run bench lists what there is, and refuses an option it does not know', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [join(import.meta.dirname, 'cli/main.ts'), ...args], { encoding: 'utf8' })
  expect(run('--list').stdout).toContain('ingest-50: ')
  expect(run('--fast').status).toBe(2)
})
