import { coreSignals, type CoreSignalName } from '../catalogue.ts'
import { ByteSink, ByteSource } from './bytes.ts'
import { packOthers, unpackOthers } from './other-column.ts'
import { packQualities, unpackQualities } from './quality-column.ts'
import { packValues, unpackValues } from './value-column.ts'
import { packWholes, unpackWholes } from './whole-numbers.ts'

export const SEGMENT_HOUR_MS = 3_600_000
const US_PER_MS = 1_000

/** Rows of the sample table of one device and one UTC hour, column by column, ordered by `(t, ledgerNo, seq)`. */
export interface SegmentRows {
  /** Microseconds since the Unix epoch. */
  readonly t: Float64Array
  readonly seq: Float64Array
  readonly ledgerNo: Float64Array
  readonly lagMs: Float64Array
  readonly flags: Float64Array
  /** NaN where a row holds no value; a signal no row holds is not there. */
  readonly values: ReadonlyMap<CoreSignalName, Float64Array>
  readonly quality: readonly (Uint8Array | undefined)[]
  /** As PostgreSQL writes `jsonb`. */
  readonly other: readonly (string | undefined)[]
}

/** The same rows packed; the names are those of the columns of `segment`. */
export interface PackedSegment {
  readonly n: number
  readonly t: Uint8Array
  readonly seq: Uint8Array
  readonly ledger_no: Uint8Array
  readonly lag_ms: Uint8Array
  readonly flags: Uint8Array
  readonly values: ReadonlyMap<CoreSignalName, Uint8Array>
  readonly quality: Uint8Array | undefined
  readonly extra: Uint8Array | undefined
  readonly other: Uint8Array | undefined
}

/** Exact: `unpackSegment` answers the very same rows. `hourMs` is the start of the hour, ms since the Unix epoch. */
export function packSegment(rows: SegmentRows, hourMs: number): PackedSegment {
  const values = new Map<CoreSignalName, Uint8Array>()
  for (const name of coreSignals) {
    const packed = packValues(rows.values.get(name) ?? new Float64Array(), 'single')
    if (packed) values.set(name, packed)
  }
  return {
    n: rows.t.length,
    t: packTimes(rows.t, hourMs),
    seq: packColumn(rows.seq),
    ledger_no: packColumn(rows.ledgerNo),
    lag_ms: packColumn(rows.lagMs),
    flags: packColumn(rows.flags),
    values,
    quality: packQualities(rows.quality),
    ...packOthers(rows.other),
  }
}

export function unpackSegment(packed: PackedSegment, hourMs: number): SegmentRows {
  const { n } = packed
  return {
    t: unpackTimes(packed.t, n, hourMs),
    seq: unpackColumn(packed.seq, n),
    ledgerNo: unpackColumn(packed.ledger_no, n),
    lagMs: unpackColumn(packed.lag_ms, n),
    flags: unpackColumn(packed.flags, n),
    values: new Map([...packed.values].map(([name, bytes]) => [name, unpackValues(bytes, n)])),
    quality: packed.quality ? unpackQualities(packed.quality, n) : nothing(n),
    other: unpackOthers(packed, n),
  }
}

export function packColumn(values: Float64Array): Uint8Array {
  const out = new ByteSink()
  packWholes(values, out)
  return out.take()
}

/** As many numbers as `into` has places: by default `rows` of its own. */
export function unpackColumn(bytes: Uint8Array, rows: number, into: Float64Array = new Float64Array(rows)): Float64Array {
  unpackWholes(new ByteSource(bytes), into)
  return into
}

/** Times from the start of the hour, in milliseconds when all of them are whole ones. */
function packTimes(t: Float64Array, hourMs: number): Uint8Array {
  const unit = t.every((us) => us % US_PER_MS === 0) ? US_PER_MS : 1
  const out = new ByteSink()
  out.varint(unit)
  packWholes(t.map((us) => us / unit - (hourMs * US_PER_MS) / unit), out)
  return out.take()
}

/** Microseconds since the Unix epoch. */
export function unpackTimes(bytes: Uint8Array, rows: number, hourMs: number): Float64Array {
  const t = new Float64Array(rows)
  const unit = unpackUnits(bytes, t)
  for (let i = 0; i < rows; i++) t[i] = ((t[i] as number) + (hourMs * US_PER_MS) / unit) * unit
  return t
}

/** Whole milliseconds since the Unix epoch: fills `into`, which has as many places as the segment has rows. */
export function unpackTimesMs(bytes: Uint8Array, hourMs: number, into: Float64Array): void {
  const unit = unpackUnits(bytes, into)
  if (unit === US_PER_MS) for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + hourMs
  else for (let i = 0; i < into.length; i++) into[i] = Math.round(((into[i] as number) * unit) / US_PER_MS) + hourMs
}

/** Times from the start of the hour; answers their unit in microseconds. */
function unpackUnits(bytes: Uint8Array, into: Float64Array): number {
  const source = new ByteSource(bytes)
  const unit = source.varint()
  unpackWholes(source, into)
  return unit
}

function nothing(rows: number): undefined[] {
  return Array.from({ length: rows }, () => undefined)
}
