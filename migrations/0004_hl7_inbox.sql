-- breaking: no
-- HL7 v2 messages of monitors: stored here as they came before they are answered, then turned into samples and events.

-- Who sends. A sender is a device like any other: a nurse links it to a stay, its values are its history.
create table hl7_sender (
  no              int generated always as identity primary key,
  -- MSH-3 as the message says it: `namespace^universal id^type`.
  name            text not null unique,
  device_no       int not null references device,
  -- Next number of the device's sequence under epoch `hl7`.
  next_seq        int8 not null default 1,
  -- How this source is read and answered; MSH-15 decides under `auto`.
  ack             text not null default 'auto' check (ack in ('auto', 'original', 'enhanced', 'none')),
  offset_minutes  int not null default 0 check (offset_minutes between -900 and 900),
  given_first     boolean not null default false,
  charset         text not null default 'windows-1252',
  first_at        timestamptz not null default now(),
  last_at         timestamptz not null default now()
);

create table hl7_message (
  id           bigint generated always as identity primary key,
  received_at  timestamptz not null,
  sender_no    int not null references hl7_sender,
  -- MSH-10 as bytes, and SHA-256 of the whole: monitors restart their counters, so the id alone names no message.
  control_id   bytea not null,
  digest       bytea not null,
  -- Type and event, e.g. ORU^R01.
  kind         text not null,
  first_seq    int8 not null,
  raw          bytea not null,
  -- Rows that gave no value, and warnings, each with its place and reason; never the value.
  findings     jsonb,
  -- False until everything in it is in the durable lane's own tables.
  done         boolean not null default false,
  unique (sender_no, control_id, digest)
);
create index hl7_message_open on hl7_message (id) where not done;
create index hl7_message_by_time on hl7_message (received_at);
create index hl7_message_findings on hl7_message (sender_no, id) where findings is not null;
