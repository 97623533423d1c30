/** Numbers as chips lay them out in bytes. Reading past the end gives zeros, as no driver asks for less than it reads. */

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0

export const unsigned16BigEndian = (bytes: Uint8Array, at = 0): number => (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1)

export const unsigned16LittleEndian = (bytes: Uint8Array, at = 0): number => (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at)

export const unsigned24BigEndian = (bytes: Uint8Array, at = 0): number => (byteAt(bytes, at) << 16) | unsigned16BigEndian(bytes, at + 1)

/** The two's complement reading of a 16-bit word. */
export const signed16 = (word: number): number => (word << 16) >> 16

/** The two's complement reading of a byte. */
export const signed8 = (byte: number): number => (byte << 24) >> 24
