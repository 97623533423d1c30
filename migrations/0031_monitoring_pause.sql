-- breaking: no
-- The log of alarms also keeps when the monitoring of a stay was paused, by whom, why and until when.

alter table alarm_event drop constraint alarm_event_stream_check;
alter table alarm_event add constraint alarm_event_stream_check check (stream in ('alarm', 'audio', 'monitoring'));
