-- breaking: no
-- Devices that speak Alibaba Cloud's Alink protocol.

create table alink_device (
  device_no      int primary key references device on delete cascade,
  product_key    text not null check (product_key ~ '^[A-Za-z0-9_-]{1,64}$'),
  device_name    text not null check (device_name ~ '^[A-Za-z0-9_.@:-]{1,64}$'),
  -- The secret it signs with, sealed with a key of the installation: a signature cannot be checked against a hash of it.
  secret_sealed  bytea not null,
  -- From its thing model: services it has, properties the centre may set.
  services       text[] not null default '{}',
  settings       text[] not null default '{}',
  unique (product_key, device_name)
);

create function tell_alink_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('vigil_registry', 'device:' || d.id) from device d where d.no = coalesce(new.device_no, old.device_no);
  return null;
end $$;

create trigger alink_device_tells after insert or update or delete on alink_device
  for each row execute function tell_alink_change();
