import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coreSignals, type CoreSignalName } from '../src/catalogue.ts'
import { packBlobs, unpackBlobs } from '../src/segments/blob-column.ts'
import { extraSignalsOf, packOthers, unpackOthers } from '../src/segments/other-column.ts'
import { packQualities, unpackQualities } from '../src/segments/quality-column.ts'
import { mergeRows, sameRows } from '../src/segments/segment-order.ts'
import { packColumn, packSegment, type SegmentRows, unpackColumn, unpackSegment, unpackTimesMs } from '../src/segments/segment.ts'
import { packValues, type Precision, unpackValues } from '../src/segments/value-column.ts'

const HOUR = Date.UTC(2026, 2, 1, 10)
const seed = 2026

const number = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -400, max: 4_000 }).map((n) => n / 10) },
  { weight: 2, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }) },
  { weight: 2, arbitrary: fc.double({ noNaN: true }) },
  fc.constantFrom(0, -0, 2 ** 53, -(2 ** 53), Infinity, -Infinity, 2 ** 32, 1e-40, 36.81),
)
const numbers = fc.array(number, { maxLength: 400 }).map((list) => Float64Array.from(list))

describe('packed columns come back exactly', () => {
  it('of any numbers', () => {
    fc.assert(fc.property(numbers, (values) => {
      expect(unpackColumn(packColumn(values), values.length)).toEqual(values)
    }), { seed, numRuns: 400 })
  })

  it('of runs of whole numbers of every width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 52 }), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 }), fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (bits, parts, base) => {
        const values = Float64Array.from(parts, (part) => base + Math.floor(part * (2 ** bits - 1)))
        expect(unpackColumn(packColumn(values), values.length)).toEqual(values)
      }),
      { seed, numRuns: 400 },
    )
  })

  it('of values with holes, in single and in double precision', () => {
    fc.assert(
      fc.property(fc.array(fc.option(number, { nil: Number.NaN, freq: 3 }), { maxLength: 500 }), fc.constantFrom<Precision>('single', 'double'), (list, precision) => {
        const values = Float64Array.from(list, (value) => (precision === 'single' ? Math.fround(value) : value))
        const packed = packValues(values, precision)
        expect(packed === undefined).toBe(values.every((value) => Number.isNaN(value)))
        if (packed) expect(unpackValues(packed, values.length)).toEqual(values)
      }),
      { seed, numRuns: 600 },
    )
  })

  it('of byte strings and of quality, whatever their length', () => {
    const bytes = fc.array(fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined }), { maxLength: 200 })
    fc.assert(
      fc.property(bytes, (blobs) => {
        const packed = packBlobs(blobs)
        expect(packed ? unpackBlobs(packed, blobs.length) : blobs.map(() => undefined)).toEqual(blobs)
        const qualities = packQualities(blobs)
        expect(qualities ? unpackQualities(qualities, blobs.length) : blobs.map(() => undefined)).toEqual(blobs)
      }),
      { seed, numRuns: 300 },
    )
  })
})

const texts = ['{"m": {"batt": 87, "rssi": -60}}', '{"m": {"tcore": 36.8}}', '{"m": {"batt": 87.50}}', '{"m": {"batt": 3}, "unmapped": {"foo": 1}}', '{"unmapped": {"x\\u00e9": 1}}', '{"m": {}}', '[]', '{"claimed_t": 1, "m": {"steps": 4}}']

describe('values of signals without a column', () => {
  it('come back to the letter, also where a text holds more', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.constantFrom(...texts), { nil: undefined }), { maxLength: 100 }), (others) => {
        expect(unpackOthers(packOthers(others), others.length)).toEqual(others)
      }),
      { seed },
    )
  })

  it('are found in either part', () => {
    const packed = packOthers([texts[0], undefined, texts[3], texts[7]])
    const found = extraSignalsOf(packed, 4)
    expect([...(found.get('batt') ?? [])]).toEqual([87, Number.NaN, 3, Number.NaN])
    expect([...(found.get('steps') ?? [])]).toEqual([Number.NaN, Number.NaN, Number.NaN, 4])
    expect([...extraSignalsOf(packed, 4, new Set(['rssi'] as const)).keys()]).toEqual(['rssi'])
  })
})

const row = fc.record({
  t: fc.oneof(fc.integer({ min: 0, max: 3_599 }).map((s) => s * 1e6), fc.integer({ min: 0, max: 3_599_999_999 })),
  seq: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 2 ** 53 - 1 })),
  ledgerNo: fc.integer({ min: 1, max: 3 }),
  lagMs: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  flags: fc.integer({ min: 0, max: 7 }),
  values: fc.dictionary(fc.constantFrom(...coreSignals), number.map(Math.fround), { maxKeys: 5 }),
  quality: fc.option(fc.uint8Array({ maxLength: 6 }), { nil: undefined }),
  other: fc.option(fc.constantFrom(...texts), { nil: undefined }),
})

function rowsOf(rows: readonly (typeof row extends fc.Arbitrary<infer R> ? R : never)[]): SegmentRows {
  const values = new Map<CoreSignalName, Float64Array>()
  for (const name of coreSignals) {
    const column = Float64Array.from(rows, (r) => r.values[name] ?? Number.NaN)
    if (column.some((value) => !Number.isNaN(value))) values.set(name, column)
  }
  const column = (of: (r: (typeof rows)[number]) => number) => Float64Array.from(rows, of)
  return { t: column((r) => HOUR * 1_000 + r.t), seq: column((r) => r.seq), ledgerNo: column((r) => r.ledgerNo), lagMs: column((r) => r.lagMs), flags: column((r) => r.flags), values, quality: rows.map((r) => r.quality), other: rows.map((r) => r.other) }
}

describe('a segment', () => {
  it('holds every row of an hour exactly, in whatever pieces they came', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 150 }), fc.array(row, { maxLength: 150 }), (first, second) => {
        const merged = mergeRows(rowsOf(first), rowsOf(second))
        expect(merged.t.length).toBe(first.length + second.length)
        expect(merged.t).toEqual(merged.t.toSorted())
        const packed = packSegment(merged, HOUR)
        const back = unpackSegment(packed, HOUR)
        expect(sameRows(back, merged)).toBe(true)
        const inMs = new Float64Array(merged.t.length)
        unpackTimesMs(packed.t, HOUR, inMs)
        expect(inMs).toEqual(merged.t.map((us) => Math.round(us / 1_000)))
      }),
      { seed, numRuns: 150 },
    )
  })

  it('is told from one that differs in a single bit of anything', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 20 }), fc.nat(), (list, at) => {
        const rows = mergeRows(rowsOf(list), rowsOf([]))
        const changed = { ...rows, lagMs: rows.lagMs.map((lag, i) => (i === at % list.length ? lag + 1 : lag)) }
        expect(sameRows(rows, changed)).toBe(false)
        expect(sameRows(rows, { ...rows, t: rows.t.slice(1) })).toBe(false)
        expect(sameRows(rows, { ...rows, other: rows.other.map((text, i) => (i === at % list.length ? `${text}x` : text)) })).toBe(false)
      }),
      { seed },
    )
  })

  it('of a patient at 1 Hz with five vitals takes less than a byte per value', () => {
    let r = 1
    const noise = () => ((r = (r * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5) * 2
    const list = Array.from({ length: 3_600 }, (_, i) => ({
      t: i * 1e6 + Math.round(noise() * 4) * 1_000 + 8_000,
      seq: 1_000 + i,
      ledgerNo: 7,
      lagMs: 40 + Math.round(noise() * 20),
      flags: 0,
      values: { pr: Math.round(72 + 5 * Math.sin(i / 200) + noise() * 2), spo2: Math.round((97 + noise()) * 10) / 10, pi: Math.round((3 + noise() * 0.4) * 10) / 10, rr: Math.round(14 + noise()), temp: Math.round((36.8 + noise() * 0.1) * 100) / 100 },
      quality: undefined,
      other: undefined,
    }))
    const packed = packSegment(rowsOf(list.map((r) => ({ ...r, values: Object.fromEntries(Object.entries(r.values).map(([k, v]) => [k, Math.fround(v)])) }))), HOUR)
    const bytes = [packed.t, packed.seq, packed.ledger_no, packed.lag_ms, packed.flags, ...packed.values.values()].reduce((sum, part) => sum + part.length, 0)
    expect(bytes / (5 * 3_600)).toBeLessThan(1)
  })
})
