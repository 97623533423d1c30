import { AppError, type Clock, type SavedQuery } from '@vigil/contract'
import { type Database, one } from '../db/database.ts'
import { uuidv7 } from '../ids.ts'
import { iso } from '../iso.ts'
import type { SavedQueries } from './saved-queries.ts'

interface Row {
  id: string
  name: string
  query: string
  saved_at: number
}

const MOST = 100
const toQuery = ({ id, name, query, saved_at: at }: Row): SavedQuery => ({ id, name, query, savedAt: iso(at) })

export function createSavedQueries({ database, clock }: { database: Pick<Database, 'query'>; clock: Clock }): SavedQueries {
  return {
    async list(accountId) {
      const rows = await database.query<Row>('select id, name, query, saved_at from saved_query where account_id = $1 order by name', [accountId])
      return { queries: rows.map(toQuery) }
    },
    async keep(accountId, { name, query }) {
      const now = clock.now()
      const row = await one<Row>(
        database,
        `insert into saved_query (id, account_id, name, query, saved_at)
         select $1, $2, $3, $4, $5 where (select count(*) from saved_query where account_id = $2 and name <> $3) < $6
         on conflict (account_id, name) do update set query = excluded.query, saved_at = excluded.saved_at
         returning id, name, query, saved_at`,
        [uuidv7(now), accountId, name, query, iso(now), MOST],
      )
      if (!row) throw new AppError('INVALID_REQUEST', `You keep ${MOST} questions already. Remove one first.`)
      return toQuery(row)
    },
    async remove(accountId, id) {
      const gone = await one(database, 'delete from saved_query where id = $1 and account_id = $2 returning id', [id, accountId])
      if (!gone) throw new AppError('NOT_FOUND', 'There is no such question among yours.')
    },
  }
}
