-- breaking: no
-- One alarm engine judges at a time: which engines there are, and what a station asks of one that runs elsewhere.

create table alarm_engine (
  id         text primary key check (id ~ '^[0-9a-f]{16}$'),
  -- Machine it runs on, for people.
  name       text not null,
  -- It holds the advisory lock, or held it when it was last heard.
  duty       boolean not null default false,
  duty_since timestamptz,
  seen_at    timestamptz not null default now(),
  -- Screens with a heard test sound at its stations, by ward.
  armed      jsonb not null default '{}'
);

create table alarm_ask (
  id       uuid primary key,
  asked_at timestamptz not null default now(),
  -- central-station/src/alarms/channel.ts, Asked.
  ask      jsonb not null,
  -- {"value":…} or {"code":…,"message":…}
  answer   jsonb
);
create index alarm_ask_open on alarm_ask (asked_at) where answer is null;
