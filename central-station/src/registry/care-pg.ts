import type { StayLimits } from '@vigil/contract/alarms'
import type { Queries } from '../db/database.ts'
import type { CareFact } from './world.ts'

/** No observation counts longer than this. */
const OBSERVED_HOURS = 12

/** Limits and observations of the open stays that have any. */
export async function loadCare(queries: Queries): Promise<ReadonlyMap<string, CareFact>> {
  const care = new Map<string, CareFact>()
  const limits = await queries.query<{ stay_id: string; version: number; body: Omit<StayLimits, 'version'> }>(
    'select l.stay_id, l.version, l.body from stay_limits l join stay s on s.id = l.stay_id where s.discharged_at is null',
  )
  for (const { stay_id, version, body } of limits) care.set(stay_id, { limits: { ...body, version }, typed: {} })
  const seen = await queries.query<{ stay_id: string; at: number; seen: Record<string, unknown> }>(
    `select o.stay_id, o.at, o.seen from observation o join stay s on s.id = o.stay_id
     where s.discharged_at is null and o.at > now() - interval '${OBSERVED_HOURS} hours' order by o.at, o.entered_at`,
  )
  for (const { stay_id, at, seen: values } of seen) {
    const known = care.get(stay_id) ?? { limits: null, typed: {} }
    const typed = { ...known.typed, ...Object.fromEntries(Object.entries(values).map(([part, value]) => [part, { value, atMs: at }])) }
    care.set(stay_id, { ...known, typed })
  }
  return care
}
