-- breaking: no
-- Who may see which wards, and tokens for programs.

-- Wards a person sees and acts in; null for all of them.
alter table account add column wards text[];
-- Whose own record it is, for the role `patient`.
alter table account add column patient_id uuid references patient;

create table access_token (
  id            uuid primary key,
  name          text not null check (name ~ '^[A-Za-z0-9._-]{1,40}$'),
  -- SHA-256 of the token: the token itself is shown once and is nowhere on the server.
  token_hash    bytea not null unique,
  rights        text[] not null check (cardinality(rights) > 0),
  -- Null for all wards.
  wards         text[],
  created_by    text not null,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null,
  last_used_at  timestamptz,
  revoked_at    timestamptz,
  revoked_by    text
);
create index access_token_by_time on access_token (created_at);
create trigger access_token_tells after insert or delete or update of revoked_at, expires_at on access_token
  for each statement execute function tell_people_change();
