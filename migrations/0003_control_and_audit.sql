-- breaking: no
-- Remote control with stored state, and the record of who saw and did what.

create table command (
  id            uuid primary key,
  device_no     int not null references device,
  name          text not null,
  args          jsonb not null default '{}',
  state         text not null check (state in ('queued', 'sent', 'accepted', 'running', 'done', 'failed', 'refused', 'expired', 'cancelled', 'unknown')),
  -- Progress of a running command, result data, and why it failed or was refused.
  progress      real,
  data          jsonb,
  why           text,
  reason        text not null default '',
  asked_by      uuid references account,
  retry_of      uuid references command,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null,
  updated_at    timestamptz not null default now()
);
create index command_by_device on command (device_no, created_at desc);
create index command_open on command (expires_at) where state in ('queued', 'sent', 'accepted', 'running');

-- Every step of a command, in order.
create table command_step (
  -- Made by the writer, so that a step written again after a lost answer is there once.
  id          uuid primary key,
  command_id  uuid not null references command,
  -- Place among the steps of its command, from 0.
  n           int not null default 0,
  at          timestamptz not null default now(),
  state       text not null,
  detail      jsonb
);
create index command_step_by_command on command_step (command_id, at);

create table device_config (
  device_no         int primary key references device,
  desired_version   int not null default 0,
  desired           jsonb not null default '{}',
  desired_at        timestamptz,
  desired_by        uuid references account,
  reported_version  int not null default 0,
  reported          jsonb not null default '{}',
  reported_errors   jsonb not null default '{}',
  reported_at       timestamptz
);

-- Append-only: reads of patient data and every change.
create table audit (
  id           bigint generated always as identity primary key,
  -- Made by the writer: a record that waited in a local journal is written once, however often that is tried.
  record_id    uuid not null unique default gen_random_uuid(),
  at           timestamptz not null default now(),
  account_id   uuid,
  username     text not null,
  role         text not null,
  action       text not null,
  patient_id   uuid,
  stay_id      uuid,
  device_no    int,
  ward_id      text,
  origin       text not null default '',
  request_id   text not null default '',
  detail       jsonb
);
create index audit_by_time on audit (at);
create index audit_by_patient on audit (patient_id, at) where patient_id is not null;

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit records are append-only';
end $$;
create trigger audit_no_change before update or delete on audit for each row execute function audit_is_append_only();
create trigger audit_no_truncate before truncate on audit for each statement execute function audit_is_append_only();

-- Programs that keep device verifiers or people in memory are told what changed; polling is the safety net.
create function tell_registry_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('vigil_registry', tg_table_name || ':' || coalesce(new.id::text, old.id::text));
  return null;
end $$;
create trigger device_tells after insert or delete or update of secret_mac, secret_mac_previous, site, mode, retired_at, label on device
  for each row execute function tell_registry_change();

-- The same for wards, people and sessions; `vigil_registry` stays for the few who need devices alone.
create function tell_people_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('vigil_people', tg_table_name);
  return null;
end $$;
create trigger ward_tells after insert or update or delete on ward for each statement execute function tell_people_change();
create trigger bed_tells after insert or update or delete on bed for each statement execute function tell_people_change();
create trigger patient_tells after update on patient for each statement execute function tell_people_change();
create trigger stay_tells after insert or update or delete on stay for each statement execute function tell_people_change();
create trigger monitoring_tells after insert or update or delete on monitoring_interval for each statement execute function tell_people_change();
create trigger desired_tells after insert or update of desired_version on device_config for each statement execute function tell_people_change();
create trigger account_tells after insert or update or delete on account for each statement execute function tell_people_change();
create trigger session_tells after insert or delete on session for each statement execute function tell_people_change();

-- Which samples came late is asked with every history; there are few of them, so the index is small.
create index sample_late on sample (device_no, t) where lag_ms > 60000;
