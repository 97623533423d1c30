-- breaking: no
-- Changes of the configuration of many devices, ring by ring; goes on where it was after a restart.

create table rollout (
  id          uuid primary key,
  created_at  timestamptz not null,
  state       text not null,
  version     integer not null,
  -- Everything of it, as the program reads it: devices with their ring, state and settings before.
  fact        jsonb not null
);
create index rollout_open on rollout (created_at) where state not in ('done', 'cancelled', 'put_back');
