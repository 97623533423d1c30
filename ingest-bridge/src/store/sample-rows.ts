import { coreSignals } from '@vigil/contract'
import type { SampleItem } from '../pipeline/item.ts'
import type { ByteWriter } from './byte-writer.ts'
import { COPY_HEAD_BYTES } from './copy-in.ts'

export interface SampleRow {
  readonly item: SampleItem
  readonly deviceNo: number
  readonly ledgerNo: number
}

const columns = ['t', 'seq', 'device_no', 'ledger_no', 'lag_ms', 'flags', ...coreSignals, 'quality', 'other']

export const copySamples = `copy sample (${columns.join(', ')}) from stdin (format binary)`

// Binary COPY (PostgreSQL manual, COPY, "Binary Format"): signature, flags, length of the header extension.
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const TRAILER = -1
const NULL = -1
/** Every fixed part of a row, values included: 2 + 2 × (4 + 8) + 3 × (4 + 4) + (4 + 2) + 16 × (4 + 4) + 2 × 4, rounded up. */
const FIXED_ROW_BYTES = 256
/** PostgreSQL counts microseconds from 2000-01-01. */
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1)
const INT32_MAX = 0x7fff_ffff
const JSONB_VERSION = 1

/** Rows in the binary format of COPY, behind the free head that `CopyIn` fills. The bytes are valid until the writer's next use. */
export function encodeSampleRows(rows: readonly SampleRow[], out: ByteWriter): Buffer {
  out.reset(COPY_HEAD_BYTES)
  out.bytes(HEADER)
  for (const row of rows) encodeRow(row, out)
  out.reserve(2)
  out.int16(TRAILER)
  return out.view()
}

function encodeRow({ item, deviceNo, ledgerNo }: SampleRow, out: ByteWriter): void {
  out.reserve(FIXED_ROW_BYTES)
  out.int16(columns.length)
  out.int32(8)
  out.int64((item.t - POSTGRES_EPOCH_MS) * 1000)
  out.int32(8)
  out.int64(item.seq)
  out.int32(4)
  out.int32(deviceNo)
  out.int32(4)
  out.int32(ledgerNo)
  out.int32(4)
  out.int32(Math.max(-INT32_MAX, Math.min(INT32_MAX, item.from.receivedAt - item.t)))
  out.int32(2)
  out.int16(item.flags)
  for (const name of coreSignals) {
    const value = item.values[name]
    if (value === undefined) out.int32(NULL)
    else {
      out.int32(4)
      out.float32(value)
    }
  }
  encodeRemarks(item, out)
}

function encodeRemarks({ quality, other }: SampleItem, out: ByteWriter): void {
  out.int32(quality?.length ?? NULL)
  if (quality) out.bytes(quality)
  out.reserve(8)
  if (other === undefined) return out.int32(NULL)
  const json = Buffer.from(other)
  out.int32(json.length + 1)
  out.bytes(Uint8Array.of(JSONB_VERSION))
  out.bytes(json)
}
