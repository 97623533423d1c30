-- breaking: no
-- A bed is taken out of service and never deleted: stays and alarms of the past name it. Places are counted among the beds in service alone.

alter table bed add column retired_at timestamptz;
alter table bed drop constraint bed_ward_id_position_key;
create unique index bed_one_per_place on bed (ward_id, position) where retired_at is null;
