-- breaking: no
-- Each audit record is bound to the one before it by a keyed hash, so that a change made past the program is found.

-- Null for records from before the chain; the first record of the chain holds their number and their digest.
alter table audit add column seq bigint;
-- HMAC-SHA-256 over the hash before and everything the record says; the key is not in the database.
alter table audit add column hash bytea;
create unique index audit_by_seq on audit (seq);
alter table audit add constraint audit_chained check ((seq is null) = (hash is null));

-- Where the chain ends. Whoever appends locks it, so that records of two central stations stand in one order.
create table audit_head (
  one   boolean primary key default true check (one),
  seq   bigint not null,
  hash  bytea not null
);
