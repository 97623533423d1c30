import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HealthImporter, type HealthSink, type HealthValue, type StoreCounts, ValueBatch, valuesCall } from '../../src/health/index.ts'

const row = (startMs: number, value: number | undefined, more: Partial<HealthValue> = {}): HealthValue => ({ metric: 'step_count', source: 'Watch', aggregation: 'minute', startMs, endMs: undefined, offsetMinutes: 60, value, low: undefined, high: undefined, parts: undefined, raw: undefined, ...more })

describe('rows of a batch', () => {
  it('are one for each key, whatever their order; the later one stands', () => {
    const rows = fc.array(fc.record({ metric: fc.constantFrom('step_count', 'heart_rate'), source: fc.constantFrom('Watch', 'step_count', ''), aggregation: fc.constantFrom('minute', 'hour'), startMs: fc.integer({ min: 0, max: 12 }), value: fc.option(fc.integer(), { nil: undefined }), parts: fc.option(fc.constant('{"a":1}'), { nil: undefined }) }), { maxLength: 60 })
    fc.assert(
      fc.property(rows, (made) => {
        const [batch, last] = [new ValueBatch(), new Map<string, unknown>()]
        for (const { startMs, value, ...more } of made) {
          const key = JSON.stringify([more.metric, more.source, more.aggregation, startMs])
          expect(batch.put(row(startMs, value, more as Partial<HealthValue>), true)).toBe(!last.has(key))
          last.set(key, [value ?? Number.NaN, more.parts])
        }
        const names = [...batch.names.keys()]
        const length = ['none', 'second', 'minute', 'hour']
        const held = Array.from({ length: batch.length }, (_, at) => [JSON.stringify([names[batch.metrics[at] ?? -1], names[batch.sources[at] ?? -1], length[batch.aggregations[at] ?? -1], batch.startsMs[at]]), [batch.values[at], batch.parts.get(at)]])
        expect(held).toEqual([...last])
      }),
    )
  })

  it('go to PostgreSQL as its own arrays: big-endian, each item after its length, nothing as NULL', () => {
    const batch = new ValueBatch()
    batch.put(row(1, 2.5), true)
    batch.put(row(2, undefined, { parts: '"é"' }), true)
    const values = valuesCall(7, 8, new Map([['step_count', 3], ['Watch', 4]]), batch).values
    const hex = (at: number) => Buffer.from(values[at] as Uint8Array).toString('hex')
    const head = (type: string) => `0000000100000001${type}0000000200000001`
    expect(hex(2)).toBe(`${head('00000017')}00000004000000030000000400000003`)
    expect(hex(10)).toBe(`${head('000002bd')}000000084004000000000000ffffffff`)
    expect(hex(13)).toBe(`${head('00000019')}ffffffff0000000422c3a922`)
  })
})

describe('an import', () => {
  const counts: StoreCounts = { stored: 0, changed: 0, kept: 0 }
  const head = { aggregation: undefined, period: undefined, receivedMs: 0 }

  it('reads no further than one batch ahead of a database that does not answer', async () => {
    const waiting: (() => void)[] = []
    const sink: HealthSink = { names: async (names) => new Map(names.map((name, no) => [name, no])), values: (_names, { length }) => new Promise((resolve) => waiting.push(() => resolve({ ...counts, stored: length }))), events: async () => counts }
    const importer = new HealthImporter(sink, head)
    let read = 0
    const reading = (async () => {
      // A piece of the body holds some 800 rows.
      for (let piece = 0; piece < 40; piece++) {
        for (let i = 0; i < 800; i++) importer.value(row(read++, 1))
        await importer.breathe()
      }
      return importer.finish()
    })()
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    for (let i = 0; i < 100; i++) await turn()
    expect(waiting).toHaveLength(1)
    expect(read).toBeLessThanOrEqual(2 * 5_000 + 800)
    const state = { isOver: false }
    const report = reading.finally(() => (state.isOver = true))
    while (!state.isOver) {
      expect(waiting.length).toBeLessThanOrEqual(1)
      waiting.shift()?.()
      await turn()
    }
    expect(await report).toMatchObject({ stored: 32_000, unchanged: 0 })
  })
})
