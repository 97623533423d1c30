const POLYNOMIAL = 0x07

/** SMBus packet error code (CRC-8, initial value 0) over every byte on the wire, addresses with their read or write bit included. */
export function smbusPec(bytes: readonly number[]): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ POLYNOMIAL) & 0xff : crc << 1
  }
  return crc
}
