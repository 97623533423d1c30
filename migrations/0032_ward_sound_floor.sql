-- breaking: no
-- How quiet a screen that listens to a ward may be set at most; in percent, by whoever is in charge of the ward.

alter table ward add column sound_floor smallint not null default 0 check (sound_floor between 0 and 100);
