import type { MappedCode, SignalName } from '@vigil/contract'
import { type Database, one, type Queries } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { Hl7CodeStore } from './hl7-codes.ts'
import { type KeptMessage, type Reader, valuesUnder } from './hl7-unknown.ts'

/** Sequence of what was read again; numbers are given by the door's own counter. */
const EPOCH = 'hl7-map'
/** Each row becomes a message, and a message has its largest size. */
const MOST_OBJECTS = 200

const READER = 's.offset_minutes as "offsetMinutes", s.given_first as "givenFirst", s.charset'
const OF_DEVICE = 'hl7_sender s join device d on d.no = s.device_no where d.id = $1'

export function createHl7CodeStore(database: Database): Hl7CodeStore {
  return {
    async unknown(deviceId, limit) {
      const sender = await one<Reader & { no: number }>(database, `select s.no, ${READER} from ${OF_DEVICE}`, [deviceId])
      if (!sender) return undefined
      const { no, ...reader } = sender
      const messages = await database.query<KeptMessage>(
        `select id::text, raw, received_at as "receivedMs" from hl7_message where sender_no = $1 and findings is not null and findings @> '[{"why":"UNMAPPED"}]' order by id desc limit $2`,
        [no, limit],
      )
      return { reader, messages }
    },
    async mapped(deviceId) {
      const rows = await database.query<Omit<MappedCode, 'since'> & { since: number }>(
        `select c.code, c.system, c.signal, c.unit, c.made_by as "madeBy", c.from_at as since, c.recovered::int as recovered, not c.reread_done as rereading
         from hl7_code c join hl7_sender s on s.no = c.sender_no join device d on d.no = s.device_no where d.id = $1 and c.until_at = 'infinity' order by c.code, c.system`,
        [deviceId],
      )
      return rows.map((row) => ({ ...row, since: iso(row.since) }))
    },
    async map(deviceId, { code, system, signal, unit }, { by, fromMs, rereadUntilMs }) {
      await database.query(
        `insert into hl7_code as c (sender_no, code, system, signal, unit, from_at, made_by, reread_until)
         select s.no, $2, $3, $4, $5, $6, $7, $8 from ${OF_DEVICE}
         on conflict (sender_no, code, system) do update set signal = excluded.signal, unit = excluded.unit, from_at = excluded.from_at, until_at = 'infinity', made_by = excluded.made_by,
           reread_until = excluded.reread_until, reread_done = false, reread_upto = case when c.signal = excluded.signal and c.unit = excluded.unit then c.reread_upto else 0 end,
           recovered = case when c.signal = excluded.signal and c.unit = excluded.unit then c.recovered else 0 end`,
        [deviceId, code, system, signal, unit, iso(fromMs), by, iso(rereadUntilMs)],
      )
    },
    async end(deviceId, code, system, untilMs) {
      await database.query(`update hl7_code set until_at = $4, reread_done = true where sender_no = (select s.no from ${OF_DEVICE}) and code = $2 and system = $3 and until_at = 'infinity'`, [deviceId, code, system, iso(untilMs)])
    },
    reread: (most, nowMs) => database.transaction((queries) => rereadSome(queries, most, nowMs)),
  }
}

interface OpenRow extends Reader {
  readonly sender_no: number
  readonly device_no: number
  readonly code: string
  readonly system: string
  readonly signal: SignalName
  readonly unit: string
  readonly reread_upto: string
  readonly reread_until: number
}

const OPEN_AT_ONCE = 20

async function rereadSome(queries: Queries, most: number, nowMs: number): Promise<boolean> {
  const open = await queries.query<OpenRow>(
    `select c.sender_no, s.device_no, c.code, c.system, c.signal, c.unit, c.reread_upto::text as reread_upto, c.reread_until, ${READER}
     from hl7_code c join hl7_sender s on s.no = c.sender_no where not c.reread_done order by c.reread_upto, c.sender_no, c.code limit ${OPEN_AT_ONCE} for update of c skip locked`,
  )
  let more = false
  for (const mapping of open) more = (await rereadOne(queries, mapping, { most, nowMs })) || more
  return more
}

async function rereadOne(queries: Queries, mapping: OpenRow, { most, nowMs }: { readonly most: number; readonly nowMs: number }): Promise<boolean> {
  const { sender_no, code, system, signal, reread_upto, reread_until, offsetMinutes, givenFirst, charset } = mapping
  const messages = await queries.query<KeptMessage>(
    `select id::text, raw, received_at as "receivedMs" from hl7_message where sender_no = $1 and findings is not null and id > $2 and findings @> $3::jsonb order by id limit $4`,
    [sender_no, reread_upto, JSON.stringify([{ code, why: 'UNMAPPED' }]), most],
  )
  const found = messages.flatMap((message) => valuesUnder(mapping, message, { offsetMinutes, givenFirst, charset })).map(({ timeMs, value }) => ({ t: timeMs, m: { [signal]: value } }))
  if (found.length > 0) await handOver(queries, mapping.device_no, found)
  // A message that was under way when the mapping came is still to be looked for.
  const isDone = messages.length < most && nowMs >= reread_until
  await queries.query('update hl7_code set reread_upto = $4, recovered = recovered + $5, reread_done = $6 where sender_no = $1 and code = $2 and system = $3', [sender_no, code, system, messages.at(-1)?.id ?? reread_upto, found.length, isDone])
  return messages.length === most
}

/** As doors of the station hand telemetry to a bridge: numbered, in the transaction that says it was read. */
async function handOver(queries: Queries, deviceNo: number, values: readonly object[]): Promise<void> {
  const [next] = await queries.query<{ first: number }>(
    `insert into door_sequence as d (device_no, next_seq) values ($1, $2::int8 + 1) on conflict (device_no) do update set next_seq = d.next_seq + $2::int8 returning next_seq - $2::int8 as first`,
    [deviceNo, values.length],
  )
  const objects = values.map((value, i) => ({ e: EPOCH, s: (next?.first ?? 1) + i, ...value }))
  for (let at = 0; at < objects.length; at += MOST_OBJECTS) await queries.query('insert into door_inbox (device_no, objects) values ($1, $2)', [deviceNo, JSON.stringify(objects.slice(at, at + MOST_OBJECTS))])
}
