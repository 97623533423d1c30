-- breaking: no
-- Entries of the audit that a change owes: written by the transaction of the change itself, taken away by the one that takes the
-- whole entry into the audit. What is left belongs to a program that was killed in between, and becomes an entry from here.

create table audit_due (
  record_id  uuid primary key,
  at         timestamptz not null,
  -- The central station that is going to write it.
  station    text not null,
  -- As far as it is known before the change is done: who, what, where; no secrets, no names of patients.
  record     jsonb not null
);
create index audit_due_by_time on audit_due (at);
