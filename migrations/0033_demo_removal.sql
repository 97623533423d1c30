-- breaking: no
-- The demo ward goes at one call, with everything that was simulated. What is of a real patient, or hangs on one, stays as it is; so does the audit.

create function is_removing_demo() returns boolean language sql stable as $$
  select coalesce(current_setting('vigil.removing_demo', true), '') = 'on'
$$;

-- Append-only tables let a row of the demo go while it is removed, and no other row ever.
create or replace function alarm_event_is_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and is_removing_demo() then
    if old.place ->> 'mode' = 'demo' then return old; end if;
  end if;
  raise exception 'the alarm log is append-only';
end $$;

create or replace function annotation_is_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and is_removing_demo() then
    if exists (select from stay s join patient p on p.id = s.patient_id where s.id = old.stay_id and p.mode = 'demo') then return old; end if;
  end if;
  raise exception 'annotations are corrected, never changed or deleted';
end $$;

create or replace function limit_profile_version_is_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and is_removing_demo() then
    if exists (select from limit_profile l join ward w on w.id = l.ward_id where l.id = old.profile_id and w.mode = 'demo') then return old; end if;
  end if;
  raise exception 'versions of limit profiles are append-only';
end $$;

-- Devices of the demo that never watched anybody but patients of the demo, and send by no door of their own.
create view demo_device as
select d.no, d.id from device d
where d.mode = 'demo'
  and not exists (select from monitoring_interval m join stay s on s.id = m.stay_id join patient p on p.id = s.patient_id where m.device_no = d.no and p.mode <> 'demo')
  and not exists (select from hl7_sender h where h.device_no = d.no);

create view demo_stay as
select s.id from stay s join patient p on p.id = s.patient_id where p.mode = 'demo';

-- Wards of the demo in which no other patient lies or ever lay.
create view demo_ward as
select w.id from ward w
where w.mode = 'demo'
  and not exists (select from bed b join stay s on s.bed_id = b.id join patient p on p.id = s.patient_id where b.ward_id = w.id and p.mode <> 'demo')
  and not exists (select from bed b join stay_bed x on x.bed_id = b.id join stay s on s.id = x.stay_id join patient p on p.id = s.patient_id where b.ward_id = w.id and p.mode <> 'demo');

-- What is measured first, then who it was measured on. Answers how many of each went, and how many of the demo had to stay.
create function remove_demo() returns jsonb language plpgsql as $$
declare
  devices int[] := array(select no from demo_device);
  names   text[] := array(select id from demo_device);
  stays   uuid[] := array(select id from demo_stay);
  persons uuid[] := array(select id from patient where mode = 'demo');
  wards   text[] := array(select id from demo_ward);
  alarms  uuid[];
  measured text;
begin
  perform set_config('vigil.removing_demo', 'on', true);
  foreach measured in array array['sample', 'segment', 'rollup_1m', 'rollup_1h', 'rollup_dirty', 'waveform', 'device_event', 'device_notice', 'door_inbox', 'door_sequence', 'becalm_measure', 'dead_letter', 'device_config', 'ledger'] loop
    execute format('delete from %I where device_no = any ($1)', measured) using devices;
  end loop;
  delete from command_step where command_id in (select id from command where device_no = any (devices));
  delete from command where device_no = any (devices);
  delete from enrolment_code where device_id = any (names) and mode = 'demo';

  alarms := array(select id from alarm where mode = 'demo' and (stay_id = any (stays) or device_id = any (names) or ward_id = any (wards)));
  delete from alarm_notice where alarm_id = any (alarms);
  delete from alarm_event where place ->> 'mode' = 'demo' and (alarm_id = any (alarms) or (place ->> 'stayId')::uuid = any (stays) or place ->> 'deviceId' = any (names) or place ->> 'wardId' = any (wards));
  delete from alarm where id = any (alarms);
  delete from alarm_review where stay_id = any (stays);

  delete from annotation where stay_id = any (stays);
  delete from observation where stay_id = any (stays);
  delete from stay_limits_change where stay_id = any (stays);
  delete from stay_limits where stay_id = any (stays);
  delete from admission_proposal where stay_id = any (stays);
  delete from monitoring_interval where stay_id = any (stays);
  delete from stay_bed where stay_id = any (stays);
  delete from stay where id = any (stays);

  delete from health_value where person_no in (select no from health_person where patient_id = any (persons));
  delete from health_event where person_no in (select no from health_person where patient_id = any (persons));
  delete from health_import where person_no in (select no from health_person where patient_id = any (persons));
  delete from health_person where patient_id = any (persons);
  delete from health_source where patient_id = any (persons);
  update account set patient_id = null, disabled_at = coalesce(disabled_at, now()) where patient_id = any (persons);
  delete from patient where id = any (persons);
  delete from device where no = any (devices);

  delete from limit_profile_version where profile_id in (select id from limit_profile where ward_id = any (wards));
  delete from limit_profile where ward_id = any (wards);
  delete from break_glass where ward_id = any (wards);
  delete from bed where ward_id = any (wards);
  delete from ward where id = any (wards);

  return jsonb_build_object('patients', cardinality(persons), 'devices', cardinality(devices), 'wards', cardinality(wards),
    'kept', (select count(*) from device where mode = 'demo') + (select count(*) from ward where mode = 'demo'));
end $$;
