import { ByteSink, ByteSource } from './bytes.ts'
import { packWholes, unpackWholes } from './whole-numbers.ts'

/** Byte strings that repeat: each different one once, and its place per row. Absent ones are place 0. `undefined`: none is there. */
export function packBlobs(blobs: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const places = new Map<string, number>()
  const distinct = new ByteSink()
  const at = Float64Array.from(blobs, (blob) => {
    if (!blob) return 0
    const key = blob.join()
    const known = places.get(key)
    if (known !== undefined) return known
    distinct.varint(blob.length)
    distinct.bytes(blob)
    places.set(key, places.size + 1)
    return places.size
  })
  if (places.size === 0) return undefined
  const out = new ByteSink()
  out.varint(places.size)
  out.bytes(distinct.take())
  packWholes(at, out)
  return out.take()
}

/** The inverse; rows with the same bytes share one array. */
export function unpackBlobs(bytes: Uint8Array, rows: number): (Uint8Array | undefined)[] {
  const source = new ByteSource(bytes)
  const distinct: (Uint8Array | undefined)[] = [undefined]
  for (let left = source.varint(); left > 0; left--) distinct.push(source.bytes(source.varint()))
  const at = new Float64Array(rows)
  unpackWholes(source, at)
  return Array.from(at, (place) => distinct[place])
}
