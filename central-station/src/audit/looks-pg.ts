import type { Clock, Look } from '@vigil/contract'
import type { Database } from '../db/database.ts'
import { readTimeRange } from '../history/time-range.ts'
import { field, iso } from '../iso.ts'
import type { Looks } from './looks.ts'

interface Row {
  username: string
  name: string
  role: string
  from_at: number
  to_at: number
  times: number
  actions: string[]
  emergency: boolean
  reason: string | null
}

const DAYS_MS = 30 * 86_400_000
const MOST = 500
/** A visit is an hour of one person: a chart that reads itself anew every minute is one look. */
const VISITS = `
  select a.username, coalesce(max(who.display_name), a.username) as name, a.role, min(a.at) as from_at, max(a.at) as to_at, count(*)::int as times, array_agg(distinct a.action) as actions,
         coalesce((a.detail ->> 'glass')::boolean, false) as emergency, max(g.reason) as reason
  from audit a
  left join account who on who.id = a.account_id
  left join lateral (select reason from break_glass b where b.account_id = a.account_id and a.at >= b.from_at and a.at <= coalesce(b.ended_at, b.until_at) order by b.from_at desc limit 1) g
    on (a.detail ->> 'glass')::boolean
  where a.patient_id = $1 and a.at >= $2 and a.at < $3 and a.action <> 'access.refused'
  group by a.username, a.role, date_trunc('hour', a.at), coalesce((a.detail ->> 'glass')::boolean, false)
  order by emergency desc, to_at desc limit $4`

/** `settle` takes what waits in the journal to the database first: a look of a moment ago is one. */
export function createLooks({ database, settle, clock }: { database: Database; settle: () => Promise<void>; clock: Clock }): Looks {
  return {
    async of(patientId, query) {
      await settle()
      const range = readTimeRange(query)
      const toMs = range.toMs ?? clock.now() + 1
      const fromMs = range.fromMs ?? toMs - DAYS_MS
      const rows = await database.query<Row>(VISITS, [patientId, iso(fromMs), iso(toMs), MOST + 1])
      return { from: iso(fromMs), to: iso(toMs), looks: rows.slice(0, MOST).map(toLook), more: rows.length > MOST }
    },
  }
}

function toLook({ username, name, role, from_at, to_at, times, actions, emergency, reason }: Row): Look {
  return { username, name, role, from: iso(from_at), to: iso(to_at), times, actions, emergency, ...field('reason', reason) }
}
