-- breaking: no
-- A board gets its secret with a one-time code; secrets are rotated and revoked.

alter table device
  -- When the current secret was made.
  add column secret_at  timestamptz not null default now(),
  -- Set while no secret is valid.
  add column revoked_at timestamptz;
update device set secret_at = created_at;

create table enrolment_code (
  id            uuid primary key,
  -- HMAC-SHA-256 of the code with the server's pepper; the code itself is nowhere on the server.
  code_mac      bytea not null unique,
  device_id     text not null check (device_id ~ '^[A-Za-z0-9_-]{1,64}$'),
  site          text not null check (site ~ '^[A-Za-z0-9_-]{1,64}$'),
  label         text not null default '',
  mode          text not null check (mode in ('real', 'test', 'demo')),
  made_by       text not null,
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  used_at       timestamptz,
  used_from     text,
  cancelled_at  timestamptz
);
create index enrolment_code_by_device on enrolment_code (device_id, created_at desc);
