/** CRC-8 of bytes, or of those from `from` to before `to`. */
export type Crc8 = (bytes: ArrayLike<number>, from?: number, to?: number) => number

/** A CRC of eight bits, most significant first, by a table of what a byte makes of the remainder: a flow sensor's answers are 150 words a second. */
export function createCrc8({ polynomial, initial }: { readonly polynomial: number; readonly initial: number }): Crc8 {
  const remainders = Uint8Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ polynomial) & 0xff : crc << 1
    return crc
  })
  return (bytes, from = 0, to = bytes.length) => {
    let crc = initial
    for (let i = from; i < to; i += 1) crc = remainders[crc ^ (bytes[i] as number)] as number
    return crc
  }
}
