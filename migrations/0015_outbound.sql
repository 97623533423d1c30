-- breaking: no
-- What goes out by itself: where to, what happened, and a durable line of deliveries per target.

create table outbound_target (
  id             uuid primary key,
  -- How it is told: `webhook` (HTTP) or `hl7` (MLLP).
  kind           text not null,
  name           text not null unique,
  settings       jsonb not null,
  -- Key of signatures, sealed with a key that only the server's secrets give.
  secret         bytea,
  -- Kinds of events it wants, e.g. alarm.announced; `alarm.*` for all of a family.
  events         text[] not null,
  -- Null for all wards.
  wards          text[],
  enabled        boolean not null default true,
  created_at     timestamptz not null,
  created_by     text not null,
  -- While it cannot be reached: since when, how often it was tried, and when next.
  away_since     timestamptz,
  away_tries     int not null default 0,
  next_at        timestamptz,
  why            text,
  -- Who is at its line until when: two stations never send to one target at once.
  leased_by      uuid,
  leased_until   timestamptz
);

-- What happened and was not yet laid out for the targets.
create table outbound_event (
  no     bigint generated always as identity primary key,
  key    text not null unique,
  event  text not null,
  at     timestamptz not null,
  ref    jsonb not null
);

create table outbound_delivery (
  no         bigint generated always as identity primary key,
  target_id  uuid not null references outbound_target on delete cascade,
  -- The same happening goes to one target once.
  key        text not null,
  event      text not null,
  -- What it is about, e.g. the id of the alarm.
  subject    text not null default '',
  body       text not null,
  created_at timestamptz not null,
  state      text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  tries      int not null default 0,
  next_at    timestamptz not null,
  ended_at   timestamptz,
  why        text,
  -- What the receiver said later of it (IHE PCD-05).
  status     text,
  status_at  timestamptz,
  unique (target_id, key)
);
create index outbound_waiting on outbound_delivery (target_id, no) where state = 'waiting';
create index outbound_ended on outbound_delivery (ended_at) where state <> 'waiting';
create index outbound_by_target on outbound_delivery (target_id, no desc);

-- In the transaction of what happened, so that neither is ever without the other. Nothing is written while nobody wants to know.
create function outbound_take(key text, event text, at timestamptz, ref jsonb) returns void language plpgsql as $$
begin
  if exists (select from outbound_target t where t.enabled and (event = any (t.events) or split_part(event, '.', 1) || '.*' = any (t.events))) then
    insert into outbound_event (key, event, at, ref) values (outbound_take.key, outbound_take.event, outbound_take.at, outbound_take.ref) on conflict do nothing;
    perform pg_notify('vigil_outbound', '');
  end if;
end $$;

create function alarm_event_goes_out() returns trigger language plpgsql as $$
begin
  if new.stream = 'alarm' and new.what in ('announced', 'worsened', 're_alarmed', 'recurred', 'escalated', 'acknowledged', 'over_unseen', 'cleared', 'withdrawn') then
    perform outbound_take('alarm/' || new.id, 'alarm.' || new.what, new.at, jsonb_build_object('alarmEventId', new.id));
  end if;
  return null;
end $$;
create trigger alarm_event_out after insert on alarm_event for each row execute function alarm_event_goes_out();

create function stay_goes_out() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform outbound_take('stay/' || new.id || '/admitted', 'stay.admitted', new.admitted_at, jsonb_build_object('stayId', new.id, 'bedId', new.bed_id));
  elsif old.discharged_at is null and new.discharged_at is not null then
    perform outbound_take('stay/' || new.id || '/discharged/' || new.version, 'stay.discharged', new.discharged_at, jsonb_build_object('stayId', new.id, 'bedId', old.bed_id));
  elsif old.bed_id is distinct from new.bed_id then
    perform outbound_take('stay/' || new.id || '/transferred/' || new.version, 'stay.transferred', now(), jsonb_build_object('stayId', new.id, 'bedId', new.bed_id, 'fromBedId', old.bed_id));
  end if;
  return null;
end $$;
create trigger stay_out after insert or update of bed_id, discharged_at on stay for each row execute function stay_goes_out();
