-- breaking: no
-- Somebody who opened a ward that is not theirs, in an emergency: why, and until when.

create table break_glass (
  id          uuid primary key,
  account_id  uuid not null references account,
  ward_id     text not null references ward,
  reason      text not null,
  from_at     timestamptz not null,
  until_at    timestamptz not null,
  ended_at    timestamptz,
  ended_by    text,
  check (until_at > from_at)
);
create index break_glass_by_time on break_glass (until_at);
create trigger break_glass_tells after insert or update on break_glass for each statement execute function tell_people_change();
