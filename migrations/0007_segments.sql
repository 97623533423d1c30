-- breaking: no
-- Closing: rows of `sample` become one row per device and hour, column by column in packed bytes (contract/src/segments). A row
-- stands in `sample` or in `segment`, never in both and never in neither: it moves in one transaction.

create table segment (
  device_no  int not null,
  hour       timestamptz not null,
  n          int not null,
  -- Rows that came more than a minute after they were measured.
  late       int not null,
  first_t    timestamptz not null,
  last_t     timestamptz not null,
  -- What the ledger needs to know without unpacking: per epoch its number, the lowest and the highest sequence number here.
  ledgers    int[] not null,
  seq_from   int8[] not null,
  seq_to     int8[] not null,
  -- Microseconds from the hour; the other columns as those of `sample`, each packed over all rows.
  t          bytea not null,
  seq        bytea not null,
  ledger_no  bytea not null,
  lag_ms     bytea not null,
  flags      bytea not null,
  hr bytea, pr bytea, spo2 bytea, pi bytea, rr bytea, temp bytea, tskin bytea, paw bytea, pip bytea, peep bytea,
  sys bytea, dia bytea, map bytea, etco2 bytea, co2 bytea, rrppg bytea,
  quality    bytea,
  -- Values of signals without a column; and every `other` that holds anything more.
  extra      bytea,
  other      bytea,
  primary key (device_no, hour)
) partition by range (hour);

-- Makes the partition of a UTC month if it is not there; as `ensure_sample_partition` does for a day.
create function ensure_segment_partition(day date) returns void language plpgsql as $$
declare
  first date := date_trunc('month', day)::date;
  name text := 'segment_' || to_char(day, 'YYYYMM');
begin
  if exists (select from pg_inherits where inhparent = 'segment'::regclass and inhrelid = to_regclass(name)) then return; end if;
  perform pg_advisory_xact_lock(7233003, first - date '2000-01-01');
  if exists (select from pg_inherits where inhparent = 'segment'::regclass and inhrelid = to_regclass(name)) then return; end if;
  execute format('create table if not exists %I (like segment including all excluding indexes)', name);
  execute format(
    'alter table segment attach partition %I for values from (%L) to (%L)',
    name, first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
end $$;

-- How many rows came late stands in the segment; of the little that is not closed yet they are counted. The index cost every
-- row of a backlog a second entry.
drop index sample_late;
