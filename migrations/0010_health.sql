-- breaking: no
-- What a person's phone and watch tell of them: beside bedside signals, never mixed with them.

-- A phone that may send for a person, with its token.
create table health_source (
  no          int generated always as identity primary key,
  id          uuid not null unique,
  patient_id  uuid not null references patient,
  label       text not null default '',
  -- SHA-256 of the token: the token itself is shown once and is nowhere on the server.
  token_hash  bytea not null unique,
  created_by  text not null,
  created_at  timestamptz not null default now(),
  last_at     timestamptz,
  revoked_at  timestamptz
);
create index health_source_by_patient on health_source (patient_id);

-- Short numbers for what stands in every row.
create table health_person (
  no          int generated always as identity primary key,
  patient_id  uuid not null unique references patient,
  -- Minutes east of UTC at the newest measurement: what "today" means for this person.
  offset_minutes smallint
);
create table health_name (
  no    int generated always as identity primary key,
  name  text not null unique check (length(name) <= 400)
);

-- One import: what came, what became of it, what was refused and why.
create table health_import (
  no          bigint generated always as identity primary key,
  at          timestamptz not null,
  person_no   int not null references health_person,
  source_no   int references health_source,
  door        text not null check (door in ('http', 'mqtt', 'file')),
  -- What the phone said of it: automation, aggregation, period, session.
  head        jsonb not null default '{}',
  -- Null while it is under way, and for good when it broke off; what was committed until then stands.
  report      jsonb
);
create index health_import_by_person on health_import (person_no, no desc);

create table health_value (
  person_no       int not null,
  metric_no       int not null,
  start_at        timestamptz not null,
  source_no       int not null,
  -- Place in the list of the contract: none, second, minute, hour, day, week, month, year.
  aggregation     smallint not null,
  end_at          timestamptz,
  -- Minutes east of UTC where the person was: which day it was depends on it. Null for a date alone.
  offset_minutes  smallint,
  -- The period was over and the export saw all of it.
  whole           boolean not null,
  -- A part is never more than the whole.
  adds_up         boolean not null,
  -- In the unit of the metric. Null is no value, and never 0.
  value           float8,
  low             float8,
  high            float8,
  parts           jsonb,
  -- Numbers and unit as they came, where they were carried over.
  raw             jsonb,
  import_no       bigint not null,
  primary key (person_no, metric_no, start_at, source_no, aggregation)
);

create table health_event (
  person_no       int not null,
  kind            text not null,
  start_at        timestamptz not null,
  name            text not null,
  source          text not null,
  end_at          timestamptz,
  offset_minutes  smallint,
  detail          jsonb not null,
  import_no       bigint not null,
  primary key (person_no, start_at, kind, name, source)
);

create function health_ms(ms float8) returns timestamptz language sql immutable strict as
$$ select timestamptz 'epoch' + ms * interval '1 millisecond' $$;

create function health_name_numbers(names text[]) returns table (name text, no int) language sql as $$
  insert into health_name (name) select distinct asked from unnest(names) asked order by asked on conflict do nothing;
  select n.name, n.no from health_name n where n.name = any (names);
$$;

create function health_person_number(patient uuid) returns int language sql as $$
  insert into health_person (patient_id) values (patient) on conflict do nothing;
  select no from health_person where patient_id = patient;
$$;

-- The later export wins; a part of a day never replaces the whole day, unless what adds up has become more.
create function store_health_values(
  person int, import bigint, metrics int[], sources int[], aggregations int2[], starts float8[], ends float8[], offsets int2[],
  wholes bool[], adding bool[], vals float8[], lows float8[], highs float8[], partses text[], raws text[],
  out stored int, out changed int, out kept int
) language plpgsql as $$
begin
  kept := 0;
  if false = any (wholes) then
    select count(*) into kept
    from unnest(metrics, sources, aggregations, starts, wholes, adding, vals) as i (metric, source, aggregation, start, is_whole, adds, val)
    join health_value h on h.person_no = person and h.metric_no = i.metric and h.source_no = i.source and h.aggregation = i.aggregation and h.start_at = health_ms(i.start)
    where h.whole and not i.is_whole and h.value is distinct from i.val and not (i.adds and coalesce(i.val > h.value, false));
  end if;
  with written as (
    insert into health_value as h (person_no, import_no, metric_no, source_no, aggregation, start_at, end_at, offset_minutes, whole, adds_up, value, low, high, parts, raw)
    select person, import, metric, source, aggregation, health_ms(start), health_ms(ending), off, is_whole, adds, val, lo, hi, part::jsonb, raw::jsonb
    from unnest(metrics, sources, aggregations, starts, ends, offsets, wholes, adding, vals, lows, highs, partses, raws)
      as i (metric, source, aggregation, start, ending, off, is_whole, adds, val, lo, hi, part, raw)
    order by metric, start, source, aggregation
    on conflict (person_no, metric_no, start_at, source_no, aggregation) do update
      set import_no = excluded.import_no, end_at = excluded.end_at, offset_minutes = excluded.offset_minutes, whole = excluded.whole,
          value = excluded.value, low = excluded.low, high = excluded.high, parts = excluded.parts, raw = excluded.raw
      where (h.end_at, h.offset_minutes, h.value, h.low, h.high, h.parts, excluded.whole and not h.whole)
              is distinct from (excluded.end_at, excluded.offset_minutes, excluded.value, excluded.low, excluded.high, excluded.parts, false)
        and (excluded.whole or not h.whole or (h.adds_up and excluded.value > h.value))
    returning (xmax = 0) as fresh)
  select count(*) filter (where fresh), count(*) filter (where not fresh) into stored, changed from written;
end $$;

create function store_health_events(
  person int, import bigint, kinds text[], starts float8[], ends float8[], offsets int2[], names text[], sources text[], details text[],
  out stored int, out changed int
) language plpgsql as $$
begin
  with written as (
    insert into health_event as h (person_no, import_no, kind, start_at, end_at, offset_minutes, name, source, detail)
    select person, import, kind, health_ms(start), health_ms(ending), off, name, source, detail::jsonb
    from unnest(kinds, starts, ends, offsets, names, sources, details) as i (kind, start, ending, off, name, source, detail)
    order by start, kind, name, source
    on conflict (person_no, start_at, kind, name, source) do update
      set import_no = excluded.import_no, end_at = excluded.end_at, offset_minutes = excluded.offset_minutes, detail = excluded.detail
      where (h.end_at, h.offset_minutes, h.detail) is distinct from (excluded.end_at, excluded.offset_minutes, excluded.detail)
    returning (xmax = 0) as fresh)
  select count(*) filter (where fresh), count(*) filter (where not fresh) into stored, changed from written;
end $$;
