-- breaking: no
-- The durable lane: one wide row per telemetry object, exactly once by the ledger, partitioned by day.

-- Every batch updates a row per device: the room left on each page keeps that a heap-only update.
create table ledger (
  -- Short number of the (device, epoch) pair, stored with each sample instead of the text.
  no          int generated always as identity unique,
  device_no   int not null references device,
  epoch       text not null,
  -- Numbers committed, and numbers the device said it had to give up (`gap`): both move the receipt on.
  got         int8multirange not null default '{}',
  lost        int8multirange not null default '{}',
  first_at    timestamptz not null default now(),
  last_at     timestamptz not null default now(),
  primary key (device_no, epoch)
) with (fillfactor = 50);

create table sample (
  t          timestamptz not null,
  seq        int8 not null,
  device_no  int not null,
  ledger_no  int not null,
  -- Milliseconds from t to arrival, at most about 24 days either way; beyond that the end of the range.
  lag_ms     int not null,
  -- 1: came by the backlog lane. 2: device clock not believed, claimed_t holds what it said.
  -- 4: the board had no clock, t is worked out from its uptime.
  flags      smallint not null default 0,
  hr real, pr real, spo2 real, pi real, rr real, temp real, tskin real, paw real, pip real, peep real,
  sys real, dia real, map real, etco2 real, co2 real, rrppg real,
  -- Byte pairs (signal code, what): contract/src/quality.ts.
  quality    bytea,
  -- Everything without a column: {"m":{other signals},"unmapped":{},"implausible":{},"remarks":{"q":{},"x":{},"sq":{}}
  -- about unmapped names,"claimed_t":ms}.
  other      jsonb
) partition by range (t);
create index sample_by_device on sample (device_no, t);

create table device_event (
  id           bigint generated always as identity primary key,
  device_no    int not null references device,
  ledger_no    int not null,
  seq          int8 not null,
  t            timestamptz not null,
  received_at  timestamptz not null,
  ev           text not null,
  phase        text not null,
  src          text,
  data         jsonb
);
create index device_event_by_device on device_event (device_no, t);

-- What can never be stored as what it claims to be: raw, with the reason. Receipted where it had a number.
create table dead_letter (
  id           bigint generated always as identity primary key,
  received_at  timestamptz not null default now(),
  source       text not null,
  topic        text not null,
  device_no    int,
  epoch        text,
  seq          int8,
  code         text not null,
  reason       text not null,
  payload      bytea not null,
  payload_bytes int not null
);
create index dead_letter_by_time on dead_letter (received_at);

-- Buckets whose roll-up no longer agrees with the samples; one row per bridge, so bridges never wait for each other.
create table rollup_dirty (
  bucket     timestamptz not null,
  device_no  int not null,
  bridge     text not null,
  marked_at  timestamptz not null default now(),
  primary key (bucket, device_no, bridge)
);

create table rollup_1m (
  device_no  int not null,
  signal     smallint not null,
  bucket     timestamptz not null,
  n          int not null,
  min real not null, max real not null, mean real not null, last real not null,
  primary key (device_no, signal, bucket)
);

create table rollup_1h (
  device_no  int not null,
  signal     smallint not null,
  bucket     timestamptz not null,
  n          int not null,
  min real not null, max real not null, mean real not null, last real not null,
  primary key (device_no, signal, bucket)
);

-- Facts about a device worth an operator's look: suspect clock, two epochs alive, database asked for a rewind.
create table device_notice (
  id          bigint generated always as identity primary key,
  device_no   int not null references device,
  kind        text not null,
  first_at    timestamptz not null default now(),
  last_at     timestamptz not null default now(),
  count       bigint not null default 1,
  detail      jsonb,
  unique (device_no, kind)
);

-- Makes the partition of one UTC day if it is not there; safe from several programs at once. The table is made first and
-- attached then, because `create table ... partition of` would lock out every reader and writer of all days meanwhile.
create function ensure_sample_partition(day date) returns void language plpgsql as $$
declare
  name text := 'sample_' || to_char(day, 'YYYYMMDD');
begin
  if exists (select from pg_inherits where inhparent = 'sample'::regclass and inhrelid = to_regclass(name)) then return; end if;
  perform pg_advisory_xact_lock(7233001, day - date '2000-01-01');
  if exists (select from pg_inherits where inhparent = 'sample'::regclass and inhrelid = to_regclass(name)) then return; end if;
  execute format('create table if not exists %I (like sample including defaults)', name);
  execute format(
    'alter table sample attach partition %I for values from (%L) to (%L)',
    name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
end $$;
