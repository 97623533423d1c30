-- breaking: no
-- Subscriptions of FHIR: what is looked for. Where it goes, and the line it waits in, is the outbound target of the same id.

create table fhir_subscription (
  id           uuid primary key,
  -- A search as FHIR writes it: Observation?patient=…&code=…
  criteria     text not null,
  reason       text not null,
  version      int not null default 1,
  changed_at   timestamptz not null,
  -- Everything that arrived before this was looked at.
  looked_until timestamptz not null,
  -- Why it was switched off.
  error        text,
  -- It is gone, and says so to whoever asks again.
  deleted_at   timestamptz
);
