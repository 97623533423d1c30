-- breaking: no
-- Waveforms that are kept: ten seconds of one channel of one device in each row, its frames as the device sent them (protocol, "Waveform frame").

create table waveform (
  device_no  int not null,
  channel    smallint not null,
  -- Start of the ten seconds in which these frames begin.
  t          timestamptz not null,
  -- Microseconds since the Unix epoch at which each frame begins: one that comes twice is known by it.
  t0s        int8[] not null,
  frames     bytea not null,
  primary key (device_no, channel, t)
) partition by range (t);

-- Makes the partition of one UTC day if it is not there; as `ensure_sample_partition` does.
create function ensure_waveform_partition(day date) returns void language plpgsql as $$
declare
  name text := 'waveform_' || to_char(day, 'YYYYMMDD');
begin
  if exists (select from pg_inherits where inhparent = 'waveform'::regclass and inhrelid = to_regclass(name)) then return; end if;
  perform pg_advisory_xact_lock(7233004, day - date '2000-01-01');
  if exists (select from pg_inherits where inhparent = 'waveform'::regclass and inhrelid = to_regclass(name)) then return; end if;
  execute format('create table if not exists %I (like waveform including all excluding indexes)', name);
  execute format(
    'alter table waveform attach partition %I for values from (%L) to (%L)',
    name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
end $$;
