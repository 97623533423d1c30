import type { BusFault } from './i2c.ts'

/**
 * I2C transfers as bytes on a socket, for chips that live in another program. A request is
 * `u8 address, u8 parts, u16 writeCount, u16 readCount, writeCount bytes` (big endian); the answer `u8 status` and, when that is 0, `readCount`
 * bytes. Both parts are one transfer with a repeated START between them. Answers come in the order of the requests.
 */
export const HEAD_BYTES = 6
export const Part = { WRITE: 1, READ: 2 } as const

/** By status; the first is no fault. */
export const statuses: readonly (BusFault | undefined)[] = [undefined, 'nack', 'taken', 'stuck', 'garbled', 'failed']

export interface TransferRequest {
  readonly address: number
  /** Nothing: only read. */
  readonly write: Uint8Array | undefined
  /** Nothing: only write. */
  readonly readCount: number | undefined
}

export function requestBytes({ address, write, readCount }: TransferRequest): Uint8Array {
  const count = write?.length ?? 0
  const reads = readCount ?? 0
  const bytes = new Uint8Array(HEAD_BYTES + count)
  bytes[0] = address
  bytes[1] = (write ? Part.WRITE : 0) | (readCount === undefined ? 0 : Part.READ)
  bytes[2] = count >> 8
  bytes[3] = count
  bytes[4] = reads >> 8
  bytes[5] = reads
  if (write) bytes.set(write, HEAD_BYTES)
  return bytes
}

/** The first request in the bytes; nothing while it is not whole. */
export function readRequest(bytes: Uint8Array): { readonly request: TransferRequest; readonly length: number } | undefined {
  if (bytes.length < HEAD_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = HEAD_BYTES + view.getUint16(2)
  if (bytes.length < length) return undefined
  const parts = view.getUint8(1)
  const request = {
    address: view.getUint8(0),
    write: (parts & Part.WRITE) === 0 ? undefined : bytes.slice(HEAD_BYTES, length),
    readCount: (parts & Part.READ) === 0 ? undefined : view.getUint16(4),
  }
  return { request, length }
}
