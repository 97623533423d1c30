-- breaking: no
-- What a person said a source's own code means (OBX-3 of HL7 v2), and how far what had come before was read again.

create table hl7_code (
  sender_no       int not null references hl7_sender,
  code            text not null,
  system          text not null,
  signal          text not null,
  -- Empty where OBX-6 tells it.
  unit            text not null,
  -- In force for messages that arrived in between: a message read again gives what it gave before.
  from_at         timestamptz not null,
  until_at        timestamptz not null default 'infinity',
  made_by         text not null,
  -- Number of the last message read again; values found so far; until when messages may still lack it.
  reread_upto     bigint not null default 0,
  recovered       bigint not null default 0,
  reread_until    timestamptz not null,
  reread_done     boolean not null default false,
  primary key (sender_no, code, system)
);
create index hl7_code_reread on hl7_code (sender_no) where not reread_done;
