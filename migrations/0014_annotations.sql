-- breaking: no
-- What people note beside the record, and questions to the record they keep.

create table annotation (
  id         uuid primary key,
  stay_id    uuid not null references stay,
  from_at    timestamptz not null,
  -- Null: a moment.
  to_at      timestamptz check (to_at is null or to_at > from_at),
  -- Short name of the signal it is about; null: all of them.
  signal     text,
  text       text not null,
  at         timestamptz not null,
  username   text not null,
  role       text not null,
  -- The annotation this one takes the place of, and why; each is corrected once at most, so that a correction is corrected in turn.
  corrects   uuid unique references annotation,
  reason     text not null default '',
  -- True: it should not have been written; the text before it can still be read.
  withdrawn  boolean not null default false
);
create index annotation_by_stay on annotation (stay_id, from_at);

create function annotation_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'annotations are corrected, never changed or deleted';
end $$;
create trigger annotation_no_change before update or delete on annotation for each row execute function annotation_is_append_only();
create trigger annotation_no_truncate before truncate on annotation for each statement execute function annotation_is_append_only();

-- A question to the history page as its address has it; one name stands once for each person.
create table saved_query (
  id          uuid primary key,
  account_id  uuid not null references account,
  name        text not null,
  query       text not null,
  saved_at    timestamptz not null,
  unique (account_id, name)
);
