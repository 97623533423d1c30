import { AppError } from '@vigil/contract'
import type { Database } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import type { WardStore } from './wards.ts'

export function createWardStore(database: Database): WardStore {
  return {
    async add({ id, name, site = 'main', mode = 'real', beds }, createdAtMs) {
      try {
        await database.transaction(async (queries) => {
          await queries.query('insert into ward (id, site, name, mode, created_at) values ($1, $2, $3, $4, $5)', [id, site, name, mode, iso(createdAtMs)])
          await queries.query(
            `insert into bed (id, ward_id, label, position)
             select b.bed->>'id', $1, b.bed->>'label', b.place from jsonb_array_elements($2::jsonb) with ordinality as b(bed, place)`,
            [id, JSON.stringify(beds)],
          )
        })
      } catch (error) {
        const constraint = brokenConstraint(error)
        if (constraint === undefined) throw error
        const what = constraint === 'ward_pkey' ? `a ward ${id}` : 'a bed with one of these names, and names of beds are unique in the whole house'
        throw new AppError('ALREADY_EXISTS', `There is already ${what}.`, { cause: error })
      }
    },
    setSoundFloor: (id, percent) => database.transaction(async (queries) => void (await queries.query('update ward set sound_floor = $2 where id = $1', [id, percent]))),
  }
}
