import type { HealthImport, HealthImportReport } from '@vigil/contract'
import { eventsCall, namesCall, type HealthSink, type StoreCounts, valuesCall } from '@vigil/contract/health/index'
import { type Database, one } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { field, iso, isoField } from '../iso.ts'
import { AppError } from '@vigil/contract'
import type { HealthImportStore, OpenImport, SourceFact } from './health-store.ts'

interface SourceRow {
  no: number
  id: string
  patient_id: string
  label: string
  created_by: string
  created_at: number
  last_at: number | null
  revoked_at: number | null
}

const SOURCE = 'select s.no, s.id, s.patient_id, s.label, s.created_by, s.created_at, s.last_at, s.revoked_at from health_source s'

export function createHealthImportStore(database: Database): HealthImportStore {
  return {
    async addSource({ id, patientId, label, createdBy, createdAtMs }, tokenHash) {
      try {
        const row = await one<{ no: number }>(
          database,
          `insert into health_source (id, patient_id, label, token_hash, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6) returning no`,
          [id, patientId, label, tokenHash, createdBy, iso(createdAtMs)],
        )
        return row?.no ?? 0
      } catch (error) {
        const broken = brokenConstraint(error)
        if (broken === undefined) throw error
        throw new AppError('NOT_FOUND', 'There is no such patient.', { cause: error })
      }
    },
    sources: async (patientId) => (await database.query<SourceRow>(`${SOURCE} where s.patient_id = $1 order by s.no`, [patientId])).map(toSource),
    async revoke(patientId, id, atMs) {
      await database.query('update health_source set revoked_at = coalesce(revoked_at, $3) where id = $1 and patient_id = $2', [id, patientId, iso(atMs)])
      const row = await one<SourceRow>(database, `${SOURCE} where s.id = $1 and s.patient_id = $2`, [id, patientId])
      return row && toSource(row)
    },
    async sourceOfToken(hash) {
      const row = await one<SourceRow>(database, `${SOURCE} where s.token_hash = $1 and s.revoked_at is null`, [hash])
      return row && toSource(row)
    },
    async openSource(id) {
      const row = await one<SourceRow>(database, `${SOURCE} where s.id = $1 and s.revoked_at is null`, [id])
      return row && toSource(row)
    },
    async begin({ patientId, sourceNo, door, head, atMs }) {
      const row = await one<{ person: number; no: number }>(
        database,
        `with person as (select health_person_number($1) as no)
         insert into health_import (at, person_no, source_no, door, head) select $2, person.no, $3, $4, $5 from person returning person_no as person, no`,
        [patientId, iso(atMs), sourceNo, door, JSON.stringify(head)],
      )
      return { personNo: row?.person ?? 0, importNo: row?.no ?? 0 }
    },
    sink: (open) => createSink(database, open),
    async finish({ personNo, importNo }, sourceNo, report, offsetMinutes, atMs) {
      await database.transaction(async (queries) => {
        await queries.query('update health_import set report = $2 where no = $1', [importNo, JSON.stringify(report)])
        await queries.query('update health_person set offset_minutes = coalesce($2, offset_minutes) where no = $1', [personNo, offsetMinutes ?? null])
        await queries.query('update health_source set last_at = $2 where no = $1', [sourceNo, iso(atMs)])
      })
    },
    async imports(patientId, limit) {
      const rows = await database.query<{ at: number; door: HealthImport['door']; label: string | null; head: Record<string, string>; report: HealthImportReport | null }>(
        `select i.at, i.door, s.label, i.head, i.report from health_import i join health_person p on p.no = i.person_no left join health_source s on s.no = i.source_no
         where p.patient_id = $1 order by i.no desc limit $2`,
        [patientId, limit],
      )
      return rows.map(({ at, door, label, head, report }) => ({ at: iso(at), door, head, ...field('source', label), ...field('report', report) }))
    },
  }
}

function createSink(database: Database, { personNo, importNo }: OpenImport): HealthSink {
  return {
    async names(names) {
      const { text, values } = namesCall(names)
      return new Map((await database.query<{ name: string; no: number }>(text, values)).map(({ name, no }) => [name, no]))
    },
    async values(names, batch) {
      const { text, values } = valuesCall(personNo, importNo, names, batch)
      return counts(await one<StoreCounts>(database, text, values))
    },
    async events(events) {
      const { text, values } = eventsCall(personNo, importNo, events)
      return { ...counts(await one<StoreCounts>(database, text, values)), kept: 0 }
    },
  }
}

function counts(row: StoreCounts | undefined): StoreCounts {
  return row ?? { stored: 0, changed: 0, kept: 0 }
}

function toSource(row: SourceRow): SourceFact {
  return {
    no: row.no,
    patientId: row.patient_id,
    source: { id: row.id, label: row.label, createdBy: row.created_by, createdAt: iso(row.created_at), ...isoField('lastAt', row.last_at), ...isoField('revokedAt', row.revoked_at) },
  }
}
