import { uuidv7 } from '../ids.ts'
import { type Database, one, type Queries } from '../db/database.ts'
import type { AuditRecord } from './audit.ts'
import { BEGINNING, type ChainedFacts, digestBefore, linkHash } from './chain.ts'
import { CHAIN_BEGINS, type ChainHead, type ChainReader, type ChainRow } from './verify-chain.ts'

const BATCH = 2_000

interface Row {
  id: number
  seq: number | null
  hash: string | null
  record_id: string
  at: number
  account_id: string | null
  username: string
  role: string
  action: string
  patient_id: string | null
  stay_id: string | null
  device_no: number | null
  ward_id: string | null
  origin: string
  request_id: string
  detail: unknown
}

const COLUMNS = `id, seq, encode(hash, 'hex') as hash, record_id, at, account_id, username, role, action, patient_id, stay_id, device_no, ward_id, origin, request_id, detail`

/**
 * Appends records to the chain, in the transaction of whatever they record; those that are there already are left alone.
 * The head is locked until the transaction ends. Answers where the chain ends then.
 */
export async function appendToChain(queries: Queries, records: readonly AuditRecord[], key: Buffer): Promise<ChainHead> {
  await queries.query(`insert into audit_head (seq, hash) values (0, decode($1, 'hex')) on conflict (one) do nothing`, [BEGINNING])
  let head = await lockHead(queries)
  const known = new Set((await queries.query<{ id: string }>('select record_id as id from audit where record_id = any($1::uuid[])', [records.map(({ id }) => id)])).map(({ id }) => id))
  const fresh = [...new Map(records.filter(({ id }) => !known.has(id)).map((record) => [record.id, record])).values()].sort((a, b) => a.atMs - b.atMs)
  if (fresh.length === 0) return head
  const devices = new Map((await queries.query<{ id: string; no: number }>('select id, no from device where id = any($1)', [fresh.flatMap(({ deviceId }) => deviceId ?? [])])).map(({ id, no }) => [id, no]))
  const first = head.seq === 0 ? await beginning(queries, fresh[0]?.atMs ?? 0) : []
  const links = [...first, ...fresh.map((record) => factsOf(record, devices))].map((facts) => {
    head = { seq: head.seq + 1, hash: linkHash(key, head.hash, head.seq + 1, facts) }
    return { ...facts, ...head }
  })
  await insert(queries, links)
  await queries.query(`update audit_head set seq = $1, hash = decode($2, 'hex')`, [head.seq, head.hash])
  return head
}

async function lockHead(queries: Queries): Promise<ChainHead> {
  const row = await one<ChainHead>(queries, `select seq, encode(hash, 'hex') as hash from audit_head for update`)
  return row ?? { seq: 0, hash: BEGINNING }
}

/** What was written before there was a chain is vouched for by its first record. */
async function beginning(queries: Queries, atMs: number): Promise<ChainedFacts[]> {
  const digest = digestBefore()
  let earlier = 0
  for await (const row of pages(queries, 'seq is null', 'id')) {
    digest.add(row)
    earlier += 1
  }
  if (earlier === 0) return []
  return [{ recordId: uuidv7(atMs), atMs, accountId: null, username: 'system', role: 'system', action: CHAIN_BEGINS, patientId: null, stayId: null, deviceNo: null, wardId: null, origin: '', requestId: '', detail: { earlier, digest: digest.digest() } }]
}

function factsOf(record: AuditRecord, devices: ReadonlyMap<string, number>): ChainedFacts {
  const { id, atMs, accountId, username, role, action, patientId = null, stayId = null, deviceId, wardId = null, origin, requestId, detail } = record
  const deviceNo = deviceId === undefined ? null : (devices.get(deviceId) ?? null)
  return { recordId: id, atMs, accountId, username, role, action, patientId, stayId, deviceNo, wardId, origin: origin ?? '', requestId: requestId ?? '', detail: detail ?? null }
}

async function insert(queries: Queries, links: readonly (ChainedFacts & ChainHead)[]): Promise<void> {
  await queries.query(
    `insert into audit (seq, hash, record_id, at, account_id, username, role, action, patient_id, stay_id, device_no, ward_id, origin, request_id, detail)
     select r.seq, decode(r.hash, 'hex'), r."recordId", to_timestamp(r."atMs" / 1000.0), r."accountId", r.username, r.role, r.action, r."patientId", r."stayId", r."deviceNo", r."wardId",
            r.origin, r."requestId", nullif(r.detail, 'null'::jsonb)
     from jsonb_to_recordset($1::jsonb) as r(seq int8, hash text, "recordId" uuid, "atMs" int8, "accountId" uuid, username text, role text, action text, "patientId" uuid,
          "stayId" uuid, "deviceNo" int, "wardId" text, origin text, "requestId" text, detail jsonb)
     order by r.seq`,
    [JSON.stringify(links)],
  )
}

/** Changes that are in the audit by their own transaction: both stand, or neither. */
export interface Chain {
  with(record: AuditRecord, change: (queries: Queries) => Promise<void>): Promise<void>
}

export function createChain({ database, key, moved }: { database: Pick<Database, 'transaction'>; key: Buffer; moved: (head: ChainHead) => void }): Chain {
  return {
    async with(record, change) {
      const head = await database.transaction(async (queries) => {
        await change(queries)
        return appendToChain(queries, [record], key)
      })
      moved(head)
    },
  }
}

/** Reads the audit as it is at one moment, whatever is appended meanwhile. */
export function readingChain<T>(database: Pick<Database, 'transaction'>, run: (reader: ChainReader) => Promise<T>): Promise<T> {
  return database.transaction(async (queries) => {
    await queries.query('set transaction isolation level repeatable read, read only')
    return run({
      head: () => one<ChainHead>(queries, `select seq, encode(hash, 'hex') as hash from audit_head`),
      chained: () => pages(queries, 'seq is not null', 'seq'),
      unchained: () => pages(queries, 'seq is null', 'id'),
    })
  })
}

async function* pages(queries: Pick<Queries, 'query'>, which: string, by: 'id' | 'seq'): AsyncGenerator<ChainRow> {
  let after = -1
  for (;;) {
    const rows = await queries.query<Row>(`select ${COLUMNS} from audit where ${which} and ${by} > $1 order by ${by} limit ${BATCH}`, [after])
    for (const row of rows) yield toRow(row)
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return
    after = last[by] ?? after
  }
}

function toRow(row: Row): ChainRow {
  return {
    id: row.id, seq: row.seq, hash: row.hash, recordId: row.record_id, atMs: row.at, accountId: row.account_id, username: row.username, role: row.role, action: row.action,
    patientId: row.patient_id, stayId: row.stay_id, deviceNo: row.device_no, wardId: row.ward_id, origin: row.origin, requestId: row.request_id, detail: row.detail,
  }
}
