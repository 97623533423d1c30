import { randomBytes } from 'node:crypto'
import { type AckMode, latin1, type SourceCode } from '@vigil/contract/hl7/index'
import { deviceNameOf } from '../hl7/device-name.ts'
import type { Inbox, InboxMessage, Kept, Sender } from '../hl7/inbox.ts'
import type { Connection, Database } from './connection.ts'

interface SenderRow {
  no: number
  site: string
  device: string
  mode: string
  ack: AckMode
  offset_minutes: number
  given_first: boolean
  charset: string
  codes: readonly (Omit<SourceCode, 'fromMs' | 'untilMs'> & { readonly fromMs: number; readonly untilMs: number | null })[]
}

const DIGEST_BYTES = 32

const SENDER = `
select s.no, d.site, d.id as device, d.mode, s.ack, s.offset_minutes, s.given_first, s.charset,
  coalesce((select json_agg(json_build_object('code', c.code, 'system', c.system, 'signal', c.signal, 'unit', c.unit, 'fromMs', extract(epoch from c.from_at) * 1000,
    'untilMs', case when c.until_at = 'infinity' then null else extract(epoch from c.until_at) * 1000 end)) from hl7_code c where c.sender_no = s.no), '[]') as codes
from hl7_sender s join device d on d.no = s.device_no`

// The secret is random and known to nobody: a source of this kind never signs in at the broker.
const REGISTER = `
with made as (
  insert into device (id, label, note, secret_mac) values ($1, $2, 'HL7 source', $3)
  on conflict (id) do update set id = excluded.id returning no)
insert into hl7_sender (name, device_no) select $2, no from made on conflict (name) do nothing`

// Bytes of a whole batch go over as one value and are cut up by the server: as members of an array each would be hexadecimal text.
const KNOWN = `
select b.n::int, m.id::text, m.first_seq::text as seq, m.done
from unnest($1::int[], $3::int[], $4::int[]) with ordinality as b (sender_no, id_at, id_length, n)
join hl7_message m on m.sender_no = b.sender_no and m.control_id = substring($2::bytea from b.id_at for b.id_length)
  and m.digest = substring($5::bytea from (b.n::int - 1) * ${DIGEST_BYTES} + 1 for ${DIGEST_BYTES})`

const INSERT = `
insert into hl7_message (received_at, sender_no, control_id, digest, kind, first_seq, raw, findings, done)
select to_timestamp(b.received_ms / 1000), b.sender_no, substring($3::bytea from b.id_at for b.id_length),
  substring($6::bytea from (b.n::int - 1) * ${DIGEST_BYTES} + 1 for ${DIGEST_BYTES}), b.kind, b.first_seq, substring($9::bytea from b.raw_at for b.raw_length), b.findings::jsonb, b.objects = 0
from unnest($1::float8[], $2::int[], $4::int[], $5::int[], $7::text[], $8::int8[], $10::int[], $11::int[], $12::text[], $13::int[])
  with ordinality as b (received_ms, sender_no, id_at, id_length, kind, first_seq, raw_at, raw_length, findings, objects, n)
order by b.n
returning id::text`

/** The inbox in PostgreSQL. One transaction per batch; numbers of a sender are given under its row's lock. */
export function createHl7Inbox(database: Database): Inbox {
  return {
    sender: (name, admit) =>
      database.use(async (connection) => {
        const found = await findSender(connection, name)
        if (found || !admit) return found
        await connection.query({ text: REGISTER, values: [deviceNameOf(name), name, randomBytes(32)] })
        return findSender(connection, name)
      }),

    keep: (messages) => database.use((connection) => keep(connection, messages)),

    async done(ids) {
      await database.use((connection) => connection.query({ name: 'hl7-done', text: 'update hl7_message set done = true where id = any($1::int8[])', values: [ids] }))
    },

    open: (limit) =>
      database.use(async (connection) => {
        const rows = await connection.query<SenderRow & { id: string; raw: Buffer; received_ms: number; seq: string }>({
          text: `select m.id::text, m.raw, extract(epoch from m.received_at)::float8 * 1000 as received_ms, m.first_seq::text as seq, s.*
                 from hl7_message m join (${SENDER}) s on s.no = m.sender_no where not m.done order by m.id limit $1`,
          values: [limit],
        })
        return rows.map((row) => ({ id: row.id, sender: toSender(row), raw: row.raw, receivedMs: Math.round(row.received_ms), firstSeq: Number(row.seq) }))
      }),
  }
}

async function findSender(connection: Connection, name: string): Promise<Sender | undefined> {
  const [row] = await connection.query<SenderRow>({ name: 'hl7-sender', text: `${SENDER} where s.name = $1 and d.retired_at is null`, values: [name] })
  return row && toSender(row)
}

function toSender({ no, site, device, mode, ack, offset_minutes, given_first, charset, codes }: SenderRow): Sender {
  return { no, site, device, ack, offsetMinutes: offset_minutes, givenFirst: given_first, charset, codes: codes.map((code) => ({ ...code, untilMs: code.untilMs ?? Infinity })), processing: mode === 'real' ? ['P'] : ['P', 'T', 'D'] }
}

async function keep(connection: Connection, messages: readonly InboxMessage[]): Promise<readonly Kept[]> {
  await connection.query({ text: 'begin' })
  const next = await lockSenders(connection, messages)
  const kept = await alreadyKept(connection, messages)
  const sameInBatch = new Map<string, number>()
  const fresh: { message: InboxMessage; at: number; firstSeq: number }[] = []
  for (const [at, message] of messages.entries()) {
    const key = keyOf(message)
    if (kept.has(at) || sameInBatch.has(key)) continue
    sameInBatch.set(key, at)
    const firstSeq = next.get(message.sender.no) ?? 1
    next.set(message.sender.no, firstSeq + message.objects)
    fresh.push({ message, at, firstSeq })
  }
  if (fresh.length > 0) {
    const ids = await insert(connection, fresh)
    for (const [i, { at, firstSeq }] of fresh.entries()) kept.set(at, { id: ids[i] as string, firstSeq, fresh: true, done: false })
    await connection.query({
      name: 'hl7-next',
      text: 'update hl7_sender s set next_seq = b.next_seq, last_at = now() from unnest($1::int[], $2::int8[]) as b (no, next_seq) where s.no = b.no',
      values: [[...next.keys()], [...next.values()]],
    })
  }
  await connection.commit()
  return messages.map((message, at) => kept.get(at) ?? { ...(kept.get(sameInBatch.get(keyOf(message)) as number) as Kept), fresh: false })
}

/** In one order everywhere, so that two bridges never wait for each other in a ring. */
async function lockSenders(connection: Connection, messages: readonly InboxMessage[]): Promise<Map<number, number>> {
  const numbers = [...new Set(messages.map(({ sender }) => sender.no))].sort((a, b) => a - b)
  const rows = await connection.query<{ no: number; seq: string }>({ name: 'hl7-lock', text: 'select no, next_seq::text as seq from hl7_sender where no = any($1) order by no for update', values: [numbers] })
  return new Map(rows.map(({ no, seq }) => [no, Number(seq)]))
}

async function alreadyKept(connection: Connection, messages: readonly InboxMessage[]): Promise<Map<number, Kept>> {
  const ids = joined(messages.map(({ controlId }) => controlId))
  const rows = await connection.query<{ n: number; id: string; seq: string; done: boolean }>({
    name: 'hl7-known',
    text: KNOWN,
    values: [messages.map(({ sender }) => sender.no), ids.bytes, ids.from, ids.lengths, Buffer.concat(messages.map(({ digest }) => digest))],
  })
  return new Map(rows.map(({ n, id, seq, done }) => [n - 1, { id, firstSeq: Number(seq), fresh: false, done }]))
}

async function insert(connection: Connection, fresh: readonly { message: InboxMessage; firstSeq: number }[]): Promise<readonly string[]> {
  const of = <T>(pick: (each: { message: InboxMessage; firstSeq: number }) => T) => fresh.map(pick)
  const ids = joined(of(({ message }) => message.controlId))
  const raw = joined(of(({ message }) => message.raw))
  const rows = await connection.query<{ id: string }>({
    name: 'hl7-insert',
    text: INSERT,
    values: [
      of(({ message }) => message.receivedMs),
      of(({ message }) => message.sender.no),
      ids.bytes,
      ids.from,
      ids.lengths,
      Buffer.concat(of(({ message }) => message.digest)),
      of(({ message }) => message.kind),
      of(({ firstSeq }) => firstSeq),
      raw.bytes,
      raw.from,
      raw.lengths,
      of(({ message }) => message.findings ?? null),
      of(({ message }) => message.objects),
    ],
  })
  return rows.map(({ id }) => id)
}

/** Pieces of bytes as one, and where each begins, counted from 1 as SQL does. */
function joined(pieces: readonly Uint8Array[]): { bytes: Buffer; from: number[]; lengths: number[] } {
  const from: number[] = []
  let at = 1
  for (const piece of pieces) {
    from.push(at)
    at += piece.length
  }
  return { bytes: Buffer.concat(pieces), from, lengths: pieces.map((piece) => piece.length) }
}

function keyOf({ sender, controlId, digest }: InboxMessage): string {
  return `${sender.no} ${latin1(controlId)} ${latin1(digest)}`
}
