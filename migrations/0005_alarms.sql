-- breaking: no
-- Alarms: an append-only log and one row per episode, what people decided about limits, what they observed, notices, late crossings.

create table stay_limits (
  stay_id     uuid primary key references stay,
  version     int not null,
  -- contract/src/alarms/limits.ts, StayLimits without its version.
  body        jsonb not null,
  updated_at  timestamptz not null,
  updated_by  text not null
);

-- Who changed which limits when and why; the newest is stay_limits.
create table stay_limits_change (
  id        uuid primary key,
  stay_id   uuid not null references stay,
  version   int not null,
  at        timestamptz not null,
  username  text not null,
  role      text not null,
  reason    text not null,
  before    jsonb not null,
  after     jsonb not null,
  unique (stay_id, version)
);

create table observation (
  id          uuid primary key,
  stay_id     uuid not null references stay,
  at          timestamptz not null,
  entered_at  timestamptz not null,
  username    text not null,
  role        text not null,
  -- {"consciousness":"A","oxygen":false,"sys":120}
  seen        jsonb not null
);
create index observation_by_stay on observation (stay_id, at desc);

-- One row per episode, made from its log. `lim`: the limit in force when it began.
create table alarm (
  id                     uuid primary key,
  subject_kind           text not null,
  subject_id             text not null,
  site                   text not null,
  ward_id                text,
  bed_id                 text,
  stay_id                uuid,
  device_id              text,
  mode                   text not null,
  condition              text not null,
  kind                   text not null,
  priority               text not null,
  phase                  text not null,
  n                      int not null,
  version                int not null,
  since_at               timestamptz not null,
  announced_at           timestamptz,
  ended_at               timestamptz,
  first_acknowledged_at  timestamptz,
  acknowledged_by        text,
  note                   text,
  value real, worst real, lim real,
  questionable           boolean not null,
  ended_why              text
);
create index alarm_by_time on alarm (announced_at);
create index alarm_by_stay on alarm (stay_id, announced_at);
create index alarm_open on alarm (site) where phase <> 'cleared';

create table alarm_event (
  -- Made by the engine from the alarm and the step's number: a line that waited in a local journal is written once.
  id            uuid primary key,
  stream        text not null check (stream in ('alarm', 'audio')),
  alarm_id      uuid,
  subject_kind  text not null,
  subject_id    text not null,
  condition     text,
  n             int not null,
  at            timestamptz not null,
  device_at     timestamptz,
  what          text not null,
  state         text not null,
  username      text,
  role          text,
  origin        text,
  why           text,
  place         jsonb not null,
  detail        jsonb not null
);
create index alarm_event_by_alarm on alarm_event (alarm_id, n);
create index alarm_event_by_subject on alarm_event (subject_kind, subject_id, at);

create function alarm_event_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the alarm log is append-only';
end $$;
create trigger alarm_event_no_change before update or delete on alarm_event for each row execute function alarm_event_is_append_only();
create trigger alarm_event_no_truncate before truncate on alarm_event for each statement execute function alarm_event_is_append_only();

create table alarm_notice (
  id         uuid primary key,
  alarm_id   uuid not null,
  recipient  text not null,
  step       text not null,
  channel    text not null,
  state      text not null check (state in ('waiting', 'sent', 'delivered', 'failed')),
  tries      int not null,
  at         timestamptz not null,
  why        text
);
create index alarm_notice_by_alarm on alarm_notice (alarm_id);

-- What crossed a limit in data that came late: never an alarm, on a list until somebody has seen it.
create table alarm_review (
  id           uuid primary key,
  stay_id      uuid not null,
  ward_id      text,
  bed_id       text,
  device_id    text,
  condition    text not null,
  priority     text not null,
  from_at      timestamptz not null,
  to_at        timestamptz not null,
  worst real not null, lim real not null,
  received_at  timestamptz not null,
  seen_at      timestamptz,
  seen_by      text
);
create index alarm_review_unseen on alarm_review (received_at) where seen_at is null;

create trigger limits_tell after insert or update or delete on stay_limits for each statement execute function tell_people_change();
create trigger observation_tells after insert or update or delete on observation for each statement execute function tell_people_change();
