import { coreSignals, type CoreSignalName } from '../catalogue.ts'
import type { SegmentRows } from './segment.ts'

/** Rows of both, in the order of a segment. Nothing is dropped: a number that stands twice stays twice. */
export function mergeRows(a: SegmentRows, b: SegmentRows): SegmentRows {
  const joined = joinRows(a, b)
  const order = Uint32Array.from({ length: joined.t.length }, (_, i) => i).sort((i, j) => compareRows(joined, i, j))
  return pickRows(joined, order)
}

/** Whether both hold the same rows in the same order, to the bit. */
export function sameRows(a: SegmentRows, b: SegmentRows): boolean {
  return (
    sameNumbers(a.t, b.t) &&
    sameNumbers(a.seq, b.seq) &&
    sameNumbers(a.ledgerNo, b.ledgerNo) &&
    sameNumbers(a.lagMs, b.lagMs) &&
    sameNumbers(a.flags, b.flags) &&
    coreSignals.every((name) => sameNumbers(held(a, name), held(b, name))) &&
    a.quality.every((quality, i) => quality?.join() === b.quality[i]?.join()) &&
    a.other.every((text, i) => text === b.other[i])
  )
}

/** The rows at these places, in their order. */
export function pickRows(rows: SegmentRows, places: Uint32Array): SegmentRows {
  const pick = (column: Float64Array) => Float64Array.from(places, (place) => column[place] as number)
  return {
    t: pick(rows.t),
    seq: pick(rows.seq),
    ledgerNo: pick(rows.ledgerNo),
    lagMs: pick(rows.lagMs),
    flags: pick(rows.flags),
    values: new Map([...rows.values].map(([name, column]) => [name, pick(column)])),
    quality: Array.from(places, (place) => rows.quality[place]),
    other: Array.from(places, (place) => rows.other[place]),
  }
}

function compareRows({ t, ledgerNo, seq }: SegmentRows, i: number, j: number): number {
  return (t[i] as number) - (t[j] as number) || (ledgerNo[i] as number) - (ledgerNo[j] as number) || (seq[i] as number) - (seq[j] as number)
}

function joinRows(a: SegmentRows, b: SegmentRows): SegmentRows {
  const values = new Map<CoreSignalName, Float64Array>()
  for (const name of coreSignals) if (a.values.has(name) || b.values.has(name)) values.set(name, join(held(a, name), held(b, name)))
  return {
    t: join(a.t, b.t),
    seq: join(a.seq, b.seq),
    ledgerNo: join(a.ledgerNo, b.ledgerNo),
    lagMs: join(a.lagMs, b.lagMs),
    flags: join(a.flags, b.flags),
    values,
    quality: [...a.quality, ...b.quality],
    other: [...a.other, ...b.other],
  }
}

function join(a: Float64Array, b: Float64Array): Float64Array {
  const joined = new Float64Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}

function held(rows: SegmentRows, name: CoreSignalName): Float64Array {
  return rows.values.get(name) ?? new Float64Array(rows.t.length).fill(Number.NaN)
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}
