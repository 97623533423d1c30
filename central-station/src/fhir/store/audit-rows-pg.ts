import type { WardScope } from '@vigil/contract'
import type { Database } from '../../db/database.ts'
import type { AuditFacts } from '../resources/audit-event.ts'
import type { Asked } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { countWhenAsked, type Found, pageOf } from './pages.ts'
import { addDates, keyset, Where } from './where.ts'

interface Row {
  /** Counts up; the cursor's second half. */
  readonly id: string
  readonly record_id: string
  readonly at: number
  readonly username: string
  readonly role: string
  readonly action: string
  readonly origin: string
  readonly request_id: string
  readonly patient_id: string | null
  readonly stay_id: string | null
  readonly device_id: string | null
  readonly detail: Record<string, unknown> | null
  readonly cursor_key: string
}

export const auditSorts = ['date']

export interface AuditFilter {
  readonly nowMs: number
  readonly wards: WardScope
  readonly ids: readonly string[] | undefined
  readonly patientIds: readonly (readonly string[])[]
  readonly actions: readonly (readonly string[])[]
}

export async function findAuditRecords(database: Database, asked: Asked, cursor: Cursor | undefined, { nowMs, wards, ids, patientIds, actions }: AuditFilter): Promise<Found<AuditFacts>> {
  const where = new Where()
  if (wards !== null) where.add(`a.ward_id = any(${where.place(wards)}::text[])`)
  if (ids) where.addAny('a.record_id', ids, 'uuid')
  for (const some of patientIds) where.addAny('a.patient_id', some, 'uuid')
  for (const some of actions) where.addAny('a.action', some, 'text')
  addDates(where, asked, 'date', { start: 'a.at', nowMs })
  addDates(where, asked, '_lastUpdated', { start: 'a.at', nowMs })
  const total = await countWhenAsked(database, asked, 'audit a', where)
  const { key, rest } = keyset(where, { by: 'a.at', type: 'timestamptz', id: 'a.id', idType: 'int8', descending: asked.sort?.descending ?? true, cursor, limit: asked.count })
  const rows = await database.query<Row>(
    `select a.id::text, a.record_id, a.at, a.username, a.role, a.action, a.origin, a.request_id, a.patient_id, a.stay_id, d.id as device_id, a.detail, ${key}
     from audit a left join device d on d.no = a.device_no ${rest}`,
    where.values,
  )
  return pageOf(rows, asked.count, total, ({ record_id, at, username, role, action, origin, request_id, patient_id, stay_id, device_id, detail }): AuditFacts => ({
    recordId: record_id, atMs: at, username, role, action, origin, requestId: request_id, patientId: patient_id, stayId: stay_id, deviceId: device_id, detail,
  }))
}
