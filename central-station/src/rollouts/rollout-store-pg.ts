import { type Database, one } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { RolloutFact, RolloutStore } from './rollout.ts'

interface Row {
  fact: RolloutFact
}

export function createRolloutStore(database: Database): RolloutStore {
  return {
    async add(rollout) {
      await database.query('insert into rollout (id, created_at, state, version, fact) values ($1, $2, $3, $4, $5)', [rollout.id, iso(rollout.createdAtMs), rollout.state, rollout.version, JSON.stringify(rollout)])
    },
    async save(rollout, fromVersion) {
      const saved = await database.query('update rollout set state = $2, version = $3, fact = $4 where id = $1 and version = $5 returning 1', [rollout.id, rollout.state, rollout.version, JSON.stringify(rollout), fromVersion])
      return saved.length > 0
    },
    find: async (id) => (await one<Row>(database, 'select fact from rollout where id = $1', [id]))?.fact,
    open: async () => (await database.query<Row>(`select fact from rollout where state not in ('done', 'cancelled', 'put_back') order by created_at`)).map(({ fact }) => fact),
    list: async (limit) => (await database.query<Row>('select fact from rollout order by created_at desc, id desc limit $1', [limit])).map(({ fact }) => fact),
  }
}
