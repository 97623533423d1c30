import { AppError } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import type { AnnotationFact, AnnotationStore } from './annotation.ts'

interface Row {
  id: string
  stay_id: string
  from_at: number
  to_at: number | null
  signal: string | null
  text: string
  at: number
  username: string
  role: string
  corrects: string | null
  reason: string
  withdrawn: boolean
}

const COLUMNS = 'id, stay_id, from_at, to_at, signal, text, at, username, role, corrects, reason, withdrawn'

const toFact = (row: Row): AnnotationFact => ({
  id: row.id, stayId: row.stay_id, fromMs: row.from_at, toMs: row.to_at, signal: row.signal, text: row.text, atMs: row.at,
  by: row.username, role: row.role, corrects: row.corrects, reason: row.reason, withdrawn: row.withdrawn,
})

export function createAnnotationStore(database: Pick<Database, 'query'>): AnnotationStore {
  return {
    async add({ id, stayId, fromMs, toMs, signal, text, atMs, by, role, corrects, reason, withdrawn }) {
      try {
        await database.query(`insert into annotation (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
          [id, stayId, iso(fromMs), toMs === null ? null : iso(toMs), signal, text, iso(atMs), by, role, corrects, reason, withdrawn])
      } catch (error) {
        const constraint = brokenConstraint(error)
        if (constraint === 'annotation_corrects_key') throw new AppError('VERSION_CONFLICT', 'Somebody corrected this note while you were looking. Look at what it says now, then correct that.', { cause: error })
        if (constraint === 'annotation_stay_id_fkey') throw new AppError('NOT_FOUND', 'There is no such stay.', { cause: error })
        throw error
      }
    },
    async find(stayId, id) {
      const row = await one<Row>(database, `select ${COLUMNS} from annotation where id = $1 and stay_id = $2`, [id, stayId])
      return row && toFact(row)
    },
    async list(stayId, fromMs, toMs) {
      const rows = await database.query<Row>(`select ${COLUMNS} from annotation where stay_id = $1 and from_at < $3 and coalesce(to_at, from_at) >= $2 order by at limit 2000`, [stayId, iso(fromMs), iso(toMs)])
      return rows.map(toFact)
    },
  }
}
