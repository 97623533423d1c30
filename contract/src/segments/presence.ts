import { ByteSink, type ByteSource } from './bytes.ts'

const Kind = { all: 0, runs: 1, bits: 2 } as const

/** Which rows hold a value, by the shorter of runs and one bit a row; nothing at all when every row does. */
export function packPresence(values: Float64Array, count: number, out: ByteSink): void {
  if (count === values.length) return out.u8(Kind.all)
  const runs = runsOf(values)
  if (runs.length < values.length / 8) {
    out.u8(Kind.runs)
    out.varint(count)
    out.bytes(runs)
    return
  }
  out.u8(Kind.bits)
  out.varint(count)
  for (let from = 0; from < values.length; from += 8) {
    let byte = 0
    for (let i = 0; i < 8 && from + i < values.length; i++) if (!Number.isNaN(values[from + i])) byte |= 1 << i
    out.u8(byte)
  }
}

/** How many rows hold a value, and which; `rowsOf` undefined: all. */
export function unpackPresence(source: ByteSource, rows: number): { count: number; rowsOf: Uint32Array | undefined } {
  const kind = source.u8()
  if (kind === Kind.all) return { count: rows, rowsOf: undefined }
  const count = source.varint()
  const rowsOf = new Uint32Array(count)
  if (kind === Kind.runs) fillFromRuns(source, rows, rowsOf)
  else fillFromBits(source.bytes(Math.ceil(rows / 8)), rowsOf)
  return { count, rowsOf }
}

/** Lengths of runs in turn, present first. */
function runsOf(values: Float64Array): Uint8Array {
  const out = new ByteSink()
  let [present, length] = [true, 0]
  for (const value of values) {
    if (Number.isNaN(value) === present) {
      out.varint(length)
      present = !present
      length = 0
    }
    length++
  }
  out.varint(length)
  return out.take()
}

function fillFromRuns(source: ByteSource, rows: number, rowsOf: Uint32Array): void {
  let found = 0
  let present = true
  for (let row = 0; row < rows; ) {
    const end = row + source.varint()
    if (present) while (row < end) rowsOf[found++] = row++
    row = end
    present = !present
  }
}

function fillFromBits(bits: Uint8Array, rowsOf: Uint32Array): void {
  let found = 0
  for (let row = 0; found < rowsOf.length; row++) if (((bits[row >> 3] as number) >> (row & 7)) & 1) rowsOf[found++] = row
}
