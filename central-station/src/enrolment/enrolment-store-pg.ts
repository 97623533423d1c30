import { AppError } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { Mode } from '../registry/world.ts'
import type { EnrolmentFact, EnrolmentStore } from './enrolment.ts'

interface CodeRow {
  id: string
  device_id: string
  site: string
  label: string
  mode: Mode
  made_by: string
  created_at: number
  expires_at: number
  used_at: number | null
  used_from: string | null
  cancelled_at: number | null
}

const COLUMNS = 'id, device_id, site, label, mode, made_by, created_at, expires_at, used_at, used_from, cancelled_at'
/** Who let which board in is in the audit for good; the list is for those at work. */
const KEPT_DAYS = 30

export function createEnrolmentStore(database: Database): EnrolmentStore {
  return {
    add: (fact, codeMac) =>
      database.transaction(async (queries) => {
        await queries.query(`delete from enrolment_code where created_at < $1::timestamptz - interval '${KEPT_DAYS} days'`, [iso(fact.createdAtMs)])
        // The newest code of a device is the only one: a slip of paper that was lost is worth nothing.
        await queries.query('update enrolment_code set cancelled_at = $2 where device_id = $1 and used_at is null and cancelled_at is null', [fact.deviceId, iso(fact.createdAtMs)])
        await queries.query(
          'insert into enrolment_code (id, code_mac, device_id, site, label, mode, made_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
          [fact.id, codeMac, fact.deviceId, fact.site, fact.label, fact.mode, fact.madeBy, iso(fact.createdAtMs), iso(fact.expiresAtMs)],
        )
      }),
    async list() {
      const rows = await database.query<CodeRow>(`select ${COLUMNS} from enrolment_code order by created_at desc, id desc limit 200`)
      return rows.map(toFact)
    },
    async cancel(id, atMs) {
      const row = await one<CodeRow>(
        database,
        `update enrolment_code set cancelled_at = case when used_at is null then coalesce(cancelled_at, $2) end where id = $1 returning ${COLUMNS}`,
        [id, iso(atMs)],
      )
      return row && toFact(row)
    },
    redeem: ({ codeMac, secretMac, atMs, from }) =>
      database.transaction(async (queries) => {
        const row = await one<CodeRow>(
          queries,
          `update enrolment_code set used_at = $2, used_from = $3 where code_mac = $1 and used_at is null and cancelled_at is null and expires_at > $2 returning ${COLUMNS}`,
          [codeMac, iso(atMs), from],
        )
        if (!row) return undefined
        const device = await one<{ id: string; site: string; mode: Mode }>(
          queries,
          `insert into device (id, site, label, mode, secret_mac, secret_at, created_at) values ($1, $2, $3, $4, $5, $6, $6)
           on conflict (id) do update set secret_mac = excluded.secret_mac, secret_at = excluded.secret_at,
             secret_mac_previous = null, secret_previous_until = null, revoked_at = null
           where device.retired_at is null returning id, site, mode`,
          [row.device_id, row.site, row.label, row.mode, secretMac, iso(atMs)],
        )
        if (!device) throw new AppError('ALREADY_EXISTS', `Device ${row.device_id} was taken out of service meanwhile. Make a code for another name.`)
        return { codeId: row.id, madeBy: row.made_by, device }
      }),
  }
}

function toFact(row: CodeRow): EnrolmentFact {
  return {
    id: row.id,
    deviceId: row.device_id,
    site: row.site,
    label: row.label,
    mode: row.mode,
    madeBy: row.made_by,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    usedAtMs: row.used_at,
    usedFrom: row.used_from,
    cancelledAtMs: row.cancelled_at,
  }
}
