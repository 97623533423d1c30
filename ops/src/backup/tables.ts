import type pg from 'pg'

export interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly partitions: readonly string[]
}

const TABLES = `
select c.relname as name,
  (select array_agg(a.attname::text order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
  coalesce((select array_agg(p.relname::text order by p.relname) from pg_inherits i join pg_class p on p.oid = i.inhrelid where i.inhparent = c.oid), '{}') as partitions
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'vigil_migration'
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
order by 1`

const REFERENCES = `select r.relname as "from", t.relname as "to" from pg_constraint k join pg_class r on r.oid = k.conrelid join pg_class t on t.oid = k.confrelid where k.contype = 'f' and r.oid <> t.oid`

/** Our tables with their columns, each after those it refers to. */
export async function tablesInOrder(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(TABLES)
  const { rows: references } = await client.query<{ from: string; to: string }>(REFERENCES)
  const ordered: Table[] = []
  const placed = new Set<string>()
  while (ordered.length < rows.length) {
    const ready = rows.filter(({ name }) => !placed.has(name) && references.every(({ from, to }) => from !== name || placed.has(to)))
    // A circle of references: whatever is left, as it comes; the restore would say which row is at fault.
    for (const table of ready.length > 0 ? ready : rows.filter(({ name }) => !placed.has(name))) {
      ordered.push({ ...table, partitions: table.partitions.map(dayOf) })
      placed.add(table.name)
    }
  }
  return ordered
}

/** `sample_20260301` is the partition from that day on, `segment_202603` from the first of that month. */
function dayOf(partition: string): string {
  const [, year, month, day = '01'] = /_(\d{4})(\d{2})(\d{2})?$/.exec(partition) ?? []
  return `${year}-${month}-${day}`
}

/** Last number each sequence has given; those that gave none are left out. */
export async function readSequences(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; last: string | null }>(`select sequencename as name, last_value as last from pg_sequences where schemaname = 'public'`)
  return Object.fromEntries(rows.flatMap(({ name, last }) => (last === null ? [] : [[name, Number(last)]])))
}
