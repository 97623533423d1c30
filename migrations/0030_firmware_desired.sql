-- breaking: no
-- Which firmware the boards of a hardware model should run. Every decision is kept with who, when and why; the newest counts.

create table firmware_desired (
  hardware  text not null,
  version   int not null,
  -- null: none is desired any more.
  firmware  text,
  at        timestamptz not null,
  username  text not null,
  role      text not null,
  reason    text not null,
  primary key (hardware, version)
);

create function firmware_desired_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'decisions about desired firmware are append-only';
end $$;
create trigger firmware_desired_no_change before update or delete on firmware_desired for each row execute function firmware_desired_is_append_only();
