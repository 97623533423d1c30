const HEADER_BYTES = 12
const DIMENSION_BYTES = 8
const INT4 = 23
const INT8 = 20
const FLOAT4 = 700
const FLOAT8 = 701

/** Numbers of `array_send(array_agg(…))` of an integer or floating type; NaN for NULL. `null`, the aggregate of nothing, is empty. */
export function readSentNumbers(sent: Buffer | null): Float64Array {
  const { count, type, at } = headOf(sent)
  const numbers = new Float64Array(count)
  if (!sent) return numbers
  const read = readerOf(sent, type)
  let next = at
  for (let i = 0; i < count; i++) {
    const length = sent.readInt32BE(next)
    next += 4
    numbers[i] = length < 0 ? Number.NaN : read(next)
    next += Math.max(0, length)
  }
  return numbers
}

/** The same of `jsonb`, parsed; `undefined` for NULL. */
export function readSentJson(sent: Buffer | null): unknown[] {
  const { count, at } = headOf(sent)
  const found: unknown[] = []
  if (!sent) return found
  let next = at
  for (let i = 0; i < count; i++) {
    const length = sent.readInt32BE(next)
    next += 4
    // One byte of version, then the text.
    found.push(length < 0 ? undefined : JSON.parse(sent.toString('utf8', next + 1, next + length)))
    next += Math.max(0, length)
  }
  return found
}

/** The same of `bytea`; `undefined` for NULL. */
export function readSentBytes(sent: Buffer | null): (Uint8Array | undefined)[] {
  const { count, at } = headOf(sent)
  const found: (Uint8Array | undefined)[] = []
  if (!sent) return found
  let next = at
  for (let i = 0; i < count; i++) {
    const length = sent.readInt32BE(next)
    next += 4
    found.push(length < 0 ? undefined : sent.subarray(next, next + length))
    next += Math.max(0, length)
  }
  return found
}

/** PostgreSQL's binary form of an array: dimensions, whether any is NULL, type, then length and bottom of each dimension. */
function headOf(sent: Buffer | null): { count: number; type: number; at: number } {
  if (!sent || sent.readInt32BE(0) === 0) return { count: 0, type: 0, at: 0 }
  return { type: sent.readInt32BE(8), count: sent.readInt32BE(HEADER_BYTES), at: HEADER_BYTES + DIMENSION_BYTES }
}

function readerOf(sent: Buffer, type: number): (at: number) => number {
  if (type === FLOAT8) return (at) => sent.readDoubleBE(at)
  if (type === FLOAT4) return (at) => sent.readFloatBE(at)
  if (type === INT8) return (at) => sent.readInt32BE(at) * 0x1_0000_0000 + sent.readUInt32BE(at + 4)
  if (type === INT4) return (at) => sent.readInt32BE(at)
  return (at) => sent.readInt16BE(at)
}
