/** The part of a file a client asks for, both ends included; `all` without a range that can be read, `none` when it lies outside. */
export type ByteRange = { readonly kind: 'part'; readonly from: number; readonly to: number } | { readonly kind: 'all' } | { readonly kind: 'none' }

const FROM = /^bytes=(\d{1,15})-(\d{0,15})$/
const LAST = /^bytes=-(\d{1,15})$/

/**
 * Reads a `Range` header (RFC 9110 §14.2) of one part; several parts, and other units, are answered with the whole as the RFC allows.
 * @param ifRange `If-Range`: a part only of the very file the client has begun
 */
export function readByteRange(header: string | undefined, bytes: number, { ifRange, etag }: { readonly ifRange?: string | undefined; readonly etag: string }): ByteRange {
  if (header === undefined || (ifRange !== undefined && ifRange !== etag)) return { kind: 'all' }
  const last = LAST.exec(header.trim())?.[1]
  if (last !== undefined) return part(Math.max(0, bytes - Number(last)), bytes - 1)
  const asked = FROM.exec(header.trim())
  return asked === null ? { kind: 'all' } : fromOn(Number(asked[1]), asked[2] === '' ? bytes - 1 : Number(asked[2]), bytes)
}

function fromOn(from: number, to: number, bytes: number): ByteRange {
  if (from >= bytes) return { kind: 'none' }
  // `5-2` is no range at all.
  return to < from ? { kind: 'all' } : part(from, Math.min(to, bytes - 1))
}

/** The last nought bytes of a file, or the last of an empty one, are none. */
function part(from: number, to: number): ByteRange {
  return from > to ? { kind: 'none' } : { kind: 'part', from, to }
}
