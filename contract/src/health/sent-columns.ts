/** Types of PostgreSQL's own list that a batch is made of, and the bytes of one item (`pg_type.oid`, `typlen`). */
const TYPES = { bool: [16, 1], int2: [21, 2], int4: [23, 4], float8: [701, 8] } as const
const TEXT = 25
/** Dimensions, whether any is NULL, type; then length and bottom of the one dimension. */
const HEAD_BYTES = 20
const LENGTH_BYTES = 4
const NULL_LENGTH = -1

/**
 * An array as PostgreSQL sends and takes it in its binary form (`array_recv` in its source): neither side has to write numbers out and read them again. NaN becomes NULL.
 * A driver sends bytes as they are, and a cast in the statement (`$1::float8[]`) says what they are.
 */
export function numbersColumn(type: keyof typeof TYPES, count: number, pick: (at: number) => number): Uint8Array {
  const [oid, size] = TYPES[type]
  const bytes = new Uint8Array(HEAD_BYTES + count * (LENGTH_BYTES + size))
  const view = new DataView(bytes.buffer)
  const put = setterOf(type, view)
  let at = HEAD_BYTES
  for (let i = 0; i < count; i++) {
    const number = pick(i)
    const none = Number.isNaN(number)
    view.setInt32(at, none ? NULL_LENGTH : size)
    at += LENGTH_BYTES
    if (none) continue
    put(at, number)
    at += size
  }
  writeHead(view, oid, count)
  return bytes.subarray(0, at)
}

/** The same of texts. */
export function textsColumn(count: number, pick: (at: number) => string | undefined): Uint8Array {
  const encoder = new TextEncoder()
  const texts = Array.from({ length: count }, (_, i) => {
    const text = pick(i)
    return text === undefined ? undefined : encoder.encode(text)
  })
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + LENGTH_BYTES + (text?.byteLength ?? 0), HEAD_BYTES))
  const view = new DataView(bytes.buffer)
  let at = HEAD_BYTES
  for (const text of texts) {
    view.setInt32(at, text?.byteLength ?? NULL_LENGTH)
    at += LENGTH_BYTES
    if (!text) continue
    bytes.set(text, at)
    at += text.byteLength
  }
  writeHead(view, TEXT, count)
  return bytes
}

function writeHead(view: DataView, oid: number, count: number): void {
  view.setInt32(0, 1)
  // Said to have a NULL: allowed where there is none.
  view.setInt32(4, 1)
  view.setInt32(8, oid)
  view.setInt32(12, count)
  view.setInt32(16, 1)
}

function setterOf(type: keyof typeof TYPES, view: DataView): (at: number, number: number) => void {
  if (type === 'float8') return (at, number) => view.setFloat64(at, number)
  if (type === 'int4') return (at, number) => view.setInt32(at, number)
  if (type === 'int2') return (at, number) => view.setInt16(at, number)
  return (at, number) => view.setUint8(at, number)
}
