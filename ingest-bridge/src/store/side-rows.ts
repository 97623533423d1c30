import { type DeadItem, type EventItem, keyOf } from '../pipeline/item.ts'
import type { Connection } from './connection.ts'

/** Of a message larger than any the protocol allows, this much is kept. */
const KEPT_PAYLOAD_BYTES = 64 * 1024

const INSERT_EVENTS = `
insert into device_event (device_no, ledger_no, seq, t, received_at, ev, phase, src, data)
select device_no, ledger_no, seq, to_timestamp(t / 1000), to_timestamp(received_at / 1000), ev, phase, src, data::jsonb
from unnest($1::int[], $2::int[], $3::int8[], $4::float8[], $5::float8[], $6::text[], $7::text[], $8::text[], $9::text[])
  as b (device_no, ledger_no, seq, t, received_at, ev, phase, src, data)`

const INSERT_DEAD_LETTERS = `
insert into dead_letter (received_at, source, topic, device_no, epoch, seq, code, reason, payload, payload_bytes)
select to_timestamp(received_at / 1000), source, topic, nullif(device_no, 0), epoch, seq, code, reason, payload, payload_bytes
from unnest($1::float8[], $2::text[], $3::text[], $4::int[], $5::text[], $6::int8[], $7::text[], $8::text[], $9::bytea[], $10::int[])
  as b (received_at, source, topic, device_no, epoch, seq, code, reason, payload, payload_bytes)`

export interface EventRow {
  readonly item: EventItem
  readonly deviceNo: number
  readonly ledgerNo: number
}

export async function insertEvents(connection: Connection, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return
  await connection.query({
    name: 'events',
    text: INSERT_EVENTS,
    values: [
      rows.map((r) => r.deviceNo),
      rows.map((r) => r.ledgerNo),
      rows.map((r) => r.item.seq),
      rows.map((r) => r.item.t),
      rows.map((r) => r.item.from.receivedAt),
      rows.map((r) => r.item.ev),
      rows.map((r) => r.item.phase),
      rows.map((r) => r.item.src ?? null),
      rows.map((r) => r.item.data ?? null),
    ],
  })
}

export interface DeadRow {
  readonly item: DeadItem
  /** 0 when the registry does not know the device. */
  readonly deviceNo: number
}

export async function insertDeadLetters(connection: Connection, rows: readonly DeadRow[]): Promise<void> {
  if (rows.length === 0) return
  const keys = rows.map((r) => keyOf(r.item))
  await connection.query({
    name: 'dead-letters',
    text: INSERT_DEAD_LETTERS,
    values: [
      rows.map((r) => r.item.from.receivedAt),
      rows.map((r) => r.item.from.source),
      rows.map((r) => readable(r.item.from.topic)),
      rows.map((r) => r.deviceNo),
      keys.map((key) => key?.epoch ?? null),
      keys.map((key) => key?.seq ?? null),
      rows.map((r) => r.item.code),
      rows.map((r) => readable(r.item.reason)),
      rows.map((r) => r.item.payload.subarray(0, KEPT_PAYLOAD_BYTES)),
      rows.map((r) => r.item.payload.length),
    ],
  })
}

/** Text columns hold neither NUL nor broken Unicode; a topic or a parser's message may quote some. */
function readable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u2400').slice(0, 1_000)
}
