-- breaking: no
-- What receivers of alarms said of each (IHE PCD-05): every step once, beside the newest that stands with the delivery.

create table outbound_said (
  no           bigint generated always as identity primary key,
  delivery_no  bigint not null references outbound_delivery on delete cascade,
  status       text not null,
  at           timestamptz not null,
  unique (delivery_no, status)
);

create function outbound_status_is_kept() returns trigger language plpgsql as $$
begin
  if new.status is not null then
    insert into outbound_said (delivery_no, status, at) values (new.no, new.status, new.status_at) on conflict do nothing;
  end if;
  return null;
end $$;
create trigger outbound_status_kept after update of status on outbound_delivery for each row execute function outbound_status_is_kept();
create index outbound_by_subject on outbound_delivery (subject, no desc) where subject <> '';
