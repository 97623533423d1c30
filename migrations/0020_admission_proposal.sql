-- breaking: no
-- What the hospital's own system tells of admissions, discharges and changes (HL7 v2 ADT): proposals, until a person accepts or refuses each.

create table admission_proposal (
  id                 bigint generated always as identity primary key,
  received_at        timestamptz not null,
  -- MSH-3 of who told it, MSH-10 as bytes, SHA-256 of the whole: the same bytes are one proposal however often they come.
  sender             text not null,
  control_id         bytea not null,
  digest             bytea not null,
  event              text not null check (event in ('A01', 'A03', 'A08', 'A40')),
  at                 timestamptz,
  identifier         text,
  family_name        text not null,
  given_name         text not null,
  birth_date         date,
  sex                text,
  location           text[] not null,
  visit              text not null,
  reason             text not null,
  merged_identifier  text not null,
  -- As it came. The row goes when raw messages of its age go, decided or not; what was decided is in the audit.
  raw                bytea not null,
  state              text not null default 'open' check (state in ('open', 'accepted', 'refused', 'replaced')),
  decided_at         timestamptz,
  decided_by         text,
  note               text,
  stay_id            uuid references stay,
  unique (sender, control_id, digest)
);
create index admission_proposal_open on admission_proposal (id desc) where state = 'open';
create index admission_proposal_by_time on admission_proposal (received_at);
-- A newer word of the same kind about the same person takes the place of the one before.
create index admission_proposal_person on admission_proposal (sender, identifier, event) where state = 'open';

-- Screens that show the list ask for it again.
create function admission_proposal_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('vigil_admissions', '');
  return null;
end $$;
create trigger admission_proposal_told after insert or update of state on admission_proposal for each statement execute function admission_proposal_changed();
