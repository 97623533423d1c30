import type { AuditEntry } from '@vigil/contract'
import type { Database } from '../db/database.ts'
import type { JournalSink } from '../files/journal.ts'
import { field, iso } from '../iso.ts'
import type { AuditFilter, AuditRecord, AuditStore } from './audit.ts'
import type { AuditExportStore } from './audit-exports.ts'
import { BEGINNING } from './chain.ts'
import { appendToChain } from './chain-pg.ts'
import { settleDue } from './due-pg.ts'
import type { ChainHead } from './verify-chain.ts'

/** Where the journal's records end up: bound into the chain. A record that is there already is left alone. */
export function createAuditSink({ database, key, moved }: { database: Database; key: Buffer; moved: (head: ChainHead) => void }): JournalSink<AuditRecord> {
  return {
    async write(records) {
      moved(await database.transaction(async (queries) => {
        const head = await appendToChain(queries, records, key)
        await settleDue(queries, records.map(({ id }) => id))
        return head
      }))
    },
  }
}

interface LinkRow {
  at_ms: number
  seq: number | null
  hash: string | null
  previous: string | null
}

interface AuditRow {
  id: number
  at: number
  username: string
  role: string
  action: string
  patient_id: string | null
  stay_id: string | null
  device_id: string | null
  ward_id: string | null
  origin: string
  request_id: string
  detail: Record<string, unknown> | null
}

const COLUMNS = 'a.id, a.at, a.username, a.role, a.action, a.patient_id, a.stay_id, d.id as device_id, a.ward_id, a.origin, a.request_id, a.detail'
const FROM = 'from audit a left join device d on d.no = a.device_no'

export function createAuditStore(database: Database): AuditStore & AuditExportStore {
  return {
    async find(filter) {
      const { where, values } = conditions(filter)
      const rows = await database.query<AuditRow>(`select ${COLUMNS} ${FROM} ${where} order by a.id desc limit ${filter.limit}`, values)
      return rows.map(toEntry)
    },
    async linked(filter) {
      const { where, values } = conditions(filter)
      // One statement, one moment: the head is that of these entries.
      const [answer] = await database.query<{ head: ChainHead | null; entries: (AuditRow & LinkRow)[] }>(
        `select (select json_build_object('seq', seq, 'hash', encode(hash, 'hex')) from audit_head) as head, coalesce((
           select json_agg(e order by e.id) from (
             select ${COLUMNS}, (extract(epoch from a.at) * 1000)::int8 as at_ms, a.seq, encode(a.hash, 'hex') as hash, encode(p.hash, 'hex') as previous
             ${FROM} left join audit p on p.seq = a.seq - 1 ${where} order by a.id limit ${filter.limit}
           ) e), '[]') as entries`,
        values,
      )
      const entries = (answer?.entries ?? []).map((row) => ({ ...toEntry({ ...row, at: row.at_ms }), ...field('seq', row.seq), ...field('hash', row.hash), ...field('previous', row.seq === 1 ? BEGINNING : row.previous) }))
      return { entries, head: answer?.head ?? { seq: 0, hash: BEGINNING } }
    },
  }
}

function conditions(filter: AuditFilter): { where: string; values: unknown[] } {
  const where: string[] = []
  const values: unknown[] = []
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value === undefined) return
    values.push(value)
    where.push(condition(`$${values.length}`))
  }
  add(filter.fromMs === undefined ? undefined : iso(filter.fromMs), (p) => `a.at >= ${p}`)
  add(filter.toMs === undefined ? undefined : iso(filter.toMs), (p) => `a.at < ${p}`)
  add(filter.user, (p) => `a.username = ${p}`)
  add(filter.action, (p) => `(a.action = ${p} or starts_with(a.action, ${p} || '.'))`)
  add(filter.patient, (p) => `a.patient_id = ${p}`)
  add(filter.stay, (p) => `a.stay_id = ${p}`)
  add(filter.device, (p) => `d.id = ${p}`)
  add(filter.ward, (p) => `a.ward_id = ${p}`)
  add(filter.before, (p) => `a.id < ${p}`)
  return { where: where.length === 0 ? '' : `where ${where.join(' and ')}`, values }
}

function toEntry(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: iso(row.at),
    username: row.username,
    role: row.role,
    action: row.action,
    origin: row.origin,
    requestId: row.request_id,
    ...field('patientId', row.patient_id),
    ...field('stayId', row.stay_id),
    ...field('deviceId', row.device_id),
    ...field('wardId', row.ward_id),
    ...field('detail', row.detail),
  }
}
