import type { AuditEntry } from '@vigil/contract'
import type { Database } from '../db/database.ts'
import type { JournalSink } from '../files/journal.ts'
import { field, iso } from '../iso.ts'
import type { AuditFilter, AuditRecord, AuditStore } from './audit.ts'
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

export function createAuditStore(database: Database): AuditStore {
  return {
    async find(filter) {
      const { where, values } = conditions(filter)
      const rows = await database.query<AuditRow>(
        `select a.id, a.at, a.username, a.role, a.action, a.patient_id, a.stay_id, d.id as device_id, a.ward_id, a.origin, a.request_id, a.detail
         from audit a left join device d on d.no = a.device_no
         ${where.length === 0 ? '' : `where ${where.join(' and ')}`}
         order by a.id desc limit ${filter.limit}`,
        values,
      )
      return rows.map(toEntry)
    },
  }
}

function conditions(filter: AuditFilter): { where: string[]; values: unknown[] } {
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
  return { where, values }
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
