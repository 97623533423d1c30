-- breaking: no
-- Server-side subscription: what was committed, offered to consumer groups over AMQP 1.0.

-- Whoever takes what was committed, and how far it has come. `taken` messages of the row after `position` are done as well.
create table consumer_group (
  id          text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  -- Names the advisory lock of the bridge that serves the group.
  no          int generated always as identity unique,
  position    bigint not null default 0,
  taken       int not null default 0,
  created_at  timestamptz not null default now(),
  -- Moved on while consumers come. Nothing is kept for a group beyond it, and without any group nothing is written.
  expires_at  timestamptz not null,
  -- Messages a consumer rejected; messages given up because the group was behind for longer than they are kept; how often it
  -- stayed away so long that nothing was kept for it any more.
  rejected    bigint not null default 0,
  missed      bigint not null default 0,
  lapses      int not null default 0
);

-- One row per batch, written in the batch's own transaction.
create table feed (
  position  bigint primary key,
  at        timestamptz not null default now(),
  messages  int not null,
  -- JSON array of [channel, site/device, epoch, seq, received_at, object].
  body      text not null
);
create index feed_by_time on feed (at);
create sequence feed_position;

-- The lock is held until the COMMIT is visible, and the number is taken under it: whoever sees a position sees every lower one that
-- will ever be. A reader that goes on from a position can therefore skip nothing, however many bridges write.
create function feed_append(messages int, body text) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7233010);
  insert into feed (position, messages, body) values (nextval('feed_position'), feed_append.messages, feed_append.body);
end $$;
