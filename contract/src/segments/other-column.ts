import { signalByCode, signalByName, type SignalName } from '../catalogue.ts'
import { packBlobs, unpackBlobs } from './blob-column.ts'
import { ByteSink, ByteSource } from './bytes.ts'
import { extraValuesOf, otherTextOf, valuesInOther } from './other-texts.ts'
import { packValues, unpackValues } from './value-column.ts'

/** A column of `other` texts, in two parts: values of known signals, signal by signal; and every text that holds anything more. */
export interface PackedOthers {
  readonly extra: Uint8Array | undefined
  readonly other: Uint8Array | undefined
}

/** Texts as PostgreSQL writes `jsonb`; they come back to the letter. */
export function packOthers(texts: readonly (string | undefined)[]): PackedOthers {
  const columns = new Map<SignalName, Float64Array>()
  const encoder = new TextEncoder()
  const rest = texts.map((text, row) => {
    const values = text === undefined ? undefined : extraValuesOf(text)
    if (!values) return text === undefined ? undefined : encoder.encode(text)
    for (const [name, value] of Object.entries(values)) {
      const column = columns.get(name as SignalName) ?? new Float64Array(texts.length).fill(Number.NaN)
      column[row] = value
      columns.set(name as SignalName, column)
    }
    return undefined
  })
  return { extra: packExtra(columns), other: packBlobs(rest) }
}

export function unpackOthers({ extra, other }: PackedOthers, rows: number): (string | undefined)[] {
  const columns = extra ? [...unpackExtra(extra, rows)] : []
  const rest = other ? unpackBlobs(other, rows) : []
  const decoder = new TextDecoder()
  return Array.from({ length: rows }, (_, row) => {
    const text = rest[row]
    if (text) return decoder.decode(text)
    const values = columns.flatMap(([name, column]) => (Number.isNaN(column[row]) ? [] : [[name, column[row]] as const]))
    return values.length === 0 ? undefined : otherTextOf(Object.fromEntries(values))
  })
}

/** Values of the signals without a column, by name, from both parts; `wanted` undefined: all there are. */
export function extraSignalsOf(packed: PackedOthers, rows: number, wanted?: ReadonlySet<SignalName>): Map<SignalName, Float64Array> {
  const columns = packed.extra ? unpackExtra(packed.extra, rows, wanted) : new Map<SignalName, Float64Array>()
  if (!packed.other) return columns
  const decoder = new TextDecoder()
  for (const [row, text] of unpackBlobs(packed.other, rows).entries()) {
    if (!text) continue
    for (const [name, value] of Object.entries(valuesInOther(decoder.decode(text)))) {
      if (wanted && !wanted.has(name as SignalName)) continue
      const column = columns.get(name as SignalName) ?? new Float64Array(rows).fill(Number.NaN)
      column[row] = value
      columns.set(name as SignalName, column)
    }
  }
  return columns
}

function packExtra(columns: ReadonlyMap<SignalName, Float64Array>): Uint8Array | undefined {
  if (columns.size === 0) return undefined
  const out = new ByteSink()
  for (const [name, values] of columns) {
    const packed = packValues(values, 'double') as Uint8Array
    out.varint(signalByName(name)?.code ?? 0)
    out.varint(packed.length)
    out.bytes(packed)
  }
  return out.take()
}

function unpackExtra(bytes: Uint8Array, rows: number, wanted?: ReadonlySet<SignalName>): Map<SignalName, Float64Array> {
  const source = new ByteSource(bytes)
  const columns = new Map<SignalName, Float64Array>()
  while (source.left > 0) {
    const name = signalByCode(source.varint())?.name
    const packed = source.bytes(source.varint())
    if (name !== undefined && (!wanted || wanted.has(name))) columns.set(name, unpackValues(packed, rows))
  }
  return columns
}
