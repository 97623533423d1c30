-- breaking: no
-- Devices, people, wards, stays and who watched whom when.

create table device (
  no            int generated always as identity primary key,
  id            text not null unique check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  site          text not null default 'main' check (site ~ '^[A-Za-z0-9_-]{1,64}$'),
  label         text not null default '',
  -- HMAC-SHA-256 of the secret with the server's pepper; two are valid while a secret is rotated.
  secret_mac    bytea not null,
  secret_mac_previous bytea,
  secret_previous_until timestamptz,
  -- What the registry says the device is for; telemetry of another mode is labelled by what the device says.
  mode          text not null default 'real' check (mode in ('real', 'test', 'demo')),
  note          text not null default '',
  created_at    timestamptz not null default now(),
  retired_at    timestamptz,
  -- Last birth message and presence, written by the central station.
  state         jsonb,
  state_at      timestamptz,
  last_seen     timestamptz
);

create table ward (
  id          text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  site        text not null default 'main',
  name        text not null,
  mode        text not null default 'real' check (mode in ('real', 'test', 'demo')),
  created_at  timestamptz not null default now()
);

create table bed (
  id          text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  ward_id     text not null references ward,
  label       text not null,
  -- A tile never moves: beds are shown in this order.
  position    int not null,
  unique (ward_id, position)
);

create table patient (
  id           uuid primary key,
  -- Hospital number, the second identifier beside the name.
  identifier   text unique,
  family_name  text not null,
  given_name   text not null default '',
  title        text not null default '',
  birth_date   date,
  sex          text check (sex in ('female', 'male', 'other', 'unknown')),
  note         text not null default '',
  mode         text not null default 'real' check (mode in ('real', 'test', 'demo')),
  version      int not null default 1,
  created_at   timestamptz not null default now()
);

create table stay (
  id            uuid primary key,
  patient_id    uuid not null references patient,
  bed_id        text references bed,
  reason        text not null default '',
  admitted_at   timestamptz not null,
  discharged_at timestamptz,
  version       int not null default 1
);
create unique index stay_one_per_bed on stay (bed_id) where discharged_at is null;
create unique index stay_one_per_patient on stay (patient_id) where discharged_at is null;

-- Which bed a stay was in, from when to when: a transfer splits it.
create table stay_bed (
  stay_id  uuid not null references stay,
  bed_id   text not null references bed,
  from_at  timestamptz not null,
  to_at    timestamptz,
  primary key (stay_id, from_at)
);

-- A sample carries no patient: whose it is follows from this interval, so a mistaken link can be corrected.
create table monitoring_interval (
  id         uuid primary key,
  stay_id    uuid not null references stay,
  device_no  int not null references device,
  from_at    timestamptz not null,
  to_at      timestamptz,
  linked_by  text not null,
  reason     text not null default '',
  check (to_at is null or to_at >= from_at)
);
create unique index monitoring_one_stay_per_device on monitoring_interval (device_no) where to_at is null;
create index monitoring_by_stay on monitoring_interval (stay_id, from_at);

create table account (
  id             uuid primary key,
  username       text not null unique check (username ~ '^[A-Za-z0-9._@-]{1,64}$'),
  display_name   text not null,
  role           text not null check (role in ('viewer', 'nurse', 'charge', 'clinician', 'operator', 'admin', 'auditor', 'patient', 'wall')),
  -- argon2id, PHC string format.
  password_hash  text not null,
  disabled_at    timestamptz,
  created_at     timestamptz not null default now()
);

create table session (
  -- SHA-256 of the opaque token: the token itself is nowhere on the server.
  token_hash    bytea primary key,
  account_id    uuid not null references account,
  kind          text not null check (kind in ('browser', 'program')),
  created_at    timestamptz not null default now(),
  last_used_at  timestamptz not null default now(),
  expires_at    timestamptz not null,
  origin        text not null default ''
);
create index session_by_account on session (account_id);
