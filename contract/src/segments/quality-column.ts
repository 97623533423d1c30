import { packBlobs, unpackBlobs } from './blob-column.ts'
import { ByteSink, ByteSource } from './bytes.ts'
import { packWholes, unpackWholes } from './whole-numbers.ts'

/**
 * Packed quality (`contract/src/quality.ts`: pairs of signal code and remark) over the rows of a segment. What is spoken of
 * changes rarely and what is said of it often, so the even bytes go into a dictionary and the odd ones into a column per place.
 */
export function packQualities(qualities: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const abouts = packBlobs(qualities.map((quality) => quality?.filter((_, i) => i % 2 === 0)))
  if (!abouts) return undefined
  const out = new ByteSink()
  out.varint(abouts.length)
  out.bytes(abouts)
  const longest = Math.max(...qualities.map((quality) => (quality?.length ?? 0) >> 1))
  // An odd last byte has nothing said of it: the even bytes alone cannot tell, so the lengths stand beside them.
  packWholes(Float64Array.from(qualities, (quality) => (quality?.length ?? 0) % 2), out)
  for (let place = 0; place < longest; place++) packWholes(remarksAt(qualities, place), out)
  return out.take()
}

/** The inverse. */
export function unpackQualities(bytes: Uint8Array, rows: number): (Uint8Array | undefined)[] {
  const source = new ByteSource(bytes)
  const abouts = unpackBlobs(source.bytes(source.varint()), rows)
  const odd = new Float64Array(rows)
  unpackWholes(source, odd)
  const qualities = abouts.map((about, row) => about && interleaved(about, about.length * 2 - (odd[row] as number)))
  const longest = Math.max(...qualities.map((quality) => (quality?.length ?? 0) >> 1))
  for (let place = 0; place < longest; place++) {
    const having = qualities.filter((quality) => quality !== undefined && quality.length >> 1 > place)
    const remarks = new Float64Array(having.length)
    unpackWholes(source, remarks)
    for (const [i, quality] of having.entries()) if (quality) quality[place * 2 + 1] = remarks[i] as number
  }
  return qualities
}

function remarksAt(qualities: readonly (Uint8Array | undefined)[], place: number): Float64Array {
  return Float64Array.from(qualities.flatMap((quality) => (quality && quality.length >> 1 > place ? [quality[place * 2 + 1] as number] : [])))
}

function interleaved(about: Uint8Array, length: number): Uint8Array {
  const quality = new Uint8Array(length)
  for (const [i, code] of about.entries()) quality[i * 2] = code
  return quality
}
