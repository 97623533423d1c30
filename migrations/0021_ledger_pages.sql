-- breaking: no
-- A sequence with very many holes: its older numbers stand in pages, so that the ledger row that every batch rewrites stays small.

alter table ledger
  -- Numbers below this stand in ledger_page; 0 when none do. `got` and `lost` hold the others.
  add column folded int8 not null default 0,
  -- Every number up to this is committed or given up; kept only where numbers are folded.
  add column upto int8 not null default 0;

-- The numbers from from_no up to the next page, or up to `folded`.
create table ledger_page (
  ledger_no  int not null references ledger (no) on delete cascade,
  from_no    int8 not null,
  got        int8multirange not null,
  lost       int8multirange not null,
  primary key (ledger_no, from_no)
);

-- All numbers committed, and all given up, of a ledger row and its pages. A gap that reaches over pages stands in the row as it was told,
-- numbers that had come all the same included.
create function ledger_got(l ledger) returns int8multirange language sql stable as $$
  select case when l.folded = 0 then l.got else l.got + coalesce((select range_agg(p.got) from ledger_page p where p.ledger_no = l.no), '{}') end
$$;
create function ledger_lost(l ledger) returns int8multirange language sql stable as $$
  select case when l.folded = 0 then l.lost else l.lost + coalesce((select range_agg(p.lost) from ledger_page p where p.ledger_no = l.no), '{}') - ledger_got(l) end
$$;
