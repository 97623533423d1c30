-- breaking: no
-- Stations of the becalm project, and what doors of the central station hand to the durable lane.

-- Telemetry a door has committed and the bridge has not stored yet.
create table door_inbox (
  id           bigint generated always as identity primary key,
  received_at  timestamptz not null default now(),
  device_no    int not null references device,
  -- Telemetry objects with their numbers, oldest first.
  objects      jsonb not null
);

-- Next number of a device's sequence under the door's epoch.
create table door_sequence (
  device_no  int primary key references device,
  next_seq   int8 not null default 1
);

-- What a station sent, as it sent it: what makes sending again harmless, and what its own front end reads. Kept for a week.
create table becalm_measure (
  device_no    int not null,
  measured_at  timestamptz not null,
  type         text not null,
  value        float8 not null,
  primary key (device_no, measured_at, type)
);
