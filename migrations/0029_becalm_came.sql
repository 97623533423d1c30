-- breaking: no
-- A row of becalm is kept for a week after it came, whenever it was measured: what is answered as stored can be read back as it was sent.

alter table becalm_measure add column came_at timestamptz not null default now();
create index becalm_measure_by_arrival on becalm_measure (device_no, came_at);
