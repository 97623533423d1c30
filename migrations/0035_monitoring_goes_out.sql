-- breaking: no
-- Whoever is told of alarms is told too that the monitoring of a stay is paused, and that it goes on: otherwise there is only silence.

create or replace function alarm_event_goes_out() returns trigger language plpgsql as $$
begin
  if new.stream = 'alarm' and new.what in ('announced', 'worsened', 're_alarmed', 'recurred', 'escalated', 'acknowledged', 'over_unseen', 'cleared', 'withdrawn') then
    perform outbound_take('alarm/' || new.id, 'alarm.' || new.what, new.at, jsonb_build_object('alarmEventId', new.id));
  elsif new.stream = 'monitoring' then
    perform outbound_take('monitoring/' || new.id, case when new.state = 'paused' then 'alarm.monitoring_paused' else 'alarm.monitoring_resumed' end, new.at, jsonb_build_object('monitoringEventId', new.id));
  end if;
  return null;
end $$;

-- The pauses of a stay are found by their own kind of line alone: there are few of them among many.
create index alarm_event_monitoring on alarm_event (subject_id, at, n) where stream = 'monitoring';
