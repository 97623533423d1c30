-- breaking: no
-- Limits a ward has agreed on for a kind of patient. Every version is kept with who, when and why; a stay keeps the one that was chosen for it.

create table limit_profile (
  id          uuid primary key,
  ward_id     text not null references ward,
  name        text not null,
  version     int not null,
  retired_at  timestamptz
);
create unique index limit_profile_name on limit_profile (ward_id, lower(name)) where retired_at is null;

create table limit_profile_version (
  profile_id  uuid not null references limit_profile,
  version     int not null,
  what        text not null check (what in ('made', 'changed', 'retired')),
  name        text not null,
  base        text not null,
  -- {"low:pip":{"value":3,"delayMs":10000,"priority":"high"}}: differences from the base; null: not watched.
  limits      jsonb not null,
  at          timestamptz not null,
  username    text not null,
  role        text not null,
  reason      text not null,
  primary key (profile_id, version)
);

create function limit_profile_version_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'versions of limit profiles are append-only';
end $$;
create trigger limit_profile_version_no_change before update or delete on limit_profile_version for each row execute function limit_profile_version_is_append_only();
