import { type Database, one } from '../db/database.ts'
import { CANARY_DEVICE } from '../live/canary.ts'
import type { PathStore, StoredFacts } from './path-health.ts'

// Partitions of a day carry its date; those of what is closed grow too seldom to count.
const FACTS = `
select (select (extract(epoch from now() - max(l.last_at)) * 1000)::float8 from ledger l join device d on d.no = l.device_no where d.id = $1) as "storedMsAgo",
       pg_database_size(current_database())::float8 as "sizeBytes",
       (select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where c.relname like '%\\_' || to_char(now() at time zone 'UTC', 'YYYYMMDD')) as "todayBytes",
       (extract(epoch from (now() at time zone 'UTC')::time) * 1000)::float8 as "todayMs",
       case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end as folder`

export function createPathStore(database: Database): PathStore {
  return {
    // A select without a table has one row.
    facts: async () => (await one<StoredFacts>(database, FACTS, [CANARY_DEVICE])) as StoredFacts,
  }
}
