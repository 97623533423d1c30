-- breaking: no
-- When a patient, a stay and a device last changed: clients of FHIR ask for what is new since they last looked.

alter table patient add column changed_at timestamptz not null default now();
alter table stay add column changed_at timestamptz not null default now();
alter table device add column changed_at timestamptz not null default now();

create function note_change() returns trigger language plpgsql as $$
begin
  new.changed_at := now();
  return new;
end $$;
create trigger patient_notes_change before update on patient for each row execute function note_change();
create trigger stay_notes_change before update on stay for each row execute function note_change();
-- What the registry says, and what the device said of itself; not that it was heard again.
create trigger device_notes_change before update on device for each row
  when (jsonb_build_array(old.label, old.site, old.mode, old.retired_at, old.state->'fw', old.state->'hw', old.state->'caps', old.state->'mode')
    is distinct from jsonb_build_array(new.label, new.site, new.mode, new.retired_at, new.state->'fw', new.state->'hw', new.state->'caps', new.state->'mode'))
  execute function note_change();
