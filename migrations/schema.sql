-- Made from migrations/*.sql by "npm run schema"; never edited by hand.
-- Shows a change of the schema as one readable difference, and tells the doctor what the database should look like.

create sequence feed_position;

create table access_token (
  id uuid not null,
  name text not null,
  token_hash bytea not null,
  rights text[] not null,
  wards text[],
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text
);
create table account (
  id uuid not null,
  username text not null,
  display_name text not null,
  role text not null,
  password_hash text not null,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  wards text[],
  patient_id uuid,
  password_once_until timestamp with time zone,
  pin_hash text
);
create table admission_proposal (
  id bigint generated always as identity not null,
  received_at timestamp with time zone not null,
  sender text not null,
  control_id bytea not null,
  digest bytea not null,
  event text not null,
  at timestamp with time zone,
  identifier text,
  family_name text not null,
  given_name text not null,
  birth_date date,
  sex text,
  location text[] not null,
  visit text not null,
  reason text not null,
  merged_identifier text not null,
  raw bytea not null,
  state text default 'open'::text not null,
  decided_at timestamp with time zone,
  decided_by text,
  note text,
  stay_id uuid
);
create table alarm (
  id uuid not null,
  subject_kind text not null,
  subject_id text not null,
  site text not null,
  ward_id text,
  bed_id text,
  stay_id uuid,
  device_id text,
  mode text not null,
  condition text not null,
  kind text not null,
  priority text not null,
  phase text not null,
  n integer not null,
  version integer not null,
  since_at timestamp with time zone not null,
  announced_at timestamp with time zone,
  ended_at timestamp with time zone,
  first_acknowledged_at timestamp with time zone,
  acknowledged_by text,
  note text,
  value real,
  worst real,
  lim real,
  questionable boolean not null,
  ended_why text
);
create table alarm_ask (
  id uuid not null,
  asked_at timestamp with time zone default now() not null,
  ask jsonb not null,
  answer jsonb
);
create table alarm_engine (
  id text not null,
  name text not null,
  duty boolean default false not null,
  duty_since timestamp with time zone,
  seen_at timestamp with time zone default now() not null,
  armed jsonb default '{}'::jsonb not null
);
create table alarm_event (
  id uuid not null,
  stream text not null,
  alarm_id uuid,
  subject_kind text not null,
  subject_id text not null,
  condition text,
  n integer not null,
  at timestamp with time zone not null,
  device_at timestamp with time zone,
  what text not null,
  state text not null,
  username text,
  role text,
  origin text,
  why text,
  place jsonb not null,
  detail jsonb not null
);
create table alarm_notice (
  id uuid not null,
  alarm_id uuid not null,
  recipient text not null,
  step text not null,
  channel text not null,
  state text not null,
  tries integer not null,
  at timestamp with time zone not null,
  why text
);
create table alarm_review (
  id uuid not null,
  stay_id uuid not null,
  ward_id text,
  bed_id text,
  device_id text,
  condition text not null,
  priority text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  worst real not null,
  lim real not null,
  received_at timestamp with time zone not null,
  seen_at timestamp with time zone,
  seen_by text
);
create table alink_device (
  device_no integer not null,
  product_key text not null,
  device_name text not null,
  secret_sealed bytea not null,
  services text[] default '{}'::text[] not null,
  settings text[] default '{}'::text[] not null
);
create table annotation (
  id uuid not null,
  stay_id uuid not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  signal text,
  text text not null,
  at timestamp with time zone not null,
  username text not null,
  role text not null,
  corrects uuid,
  reason text default ''::text not null,
  withdrawn boolean default false not null
);
create table audit (
  id bigint generated always as identity not null,
  record_id uuid default gen_random_uuid() not null,
  at timestamp with time zone default now() not null,
  account_id uuid,
  username text not null,
  role text not null,
  action text not null,
  patient_id uuid,
  stay_id uuid,
  device_no integer,
  ward_id text,
  origin text default ''::text not null,
  request_id text default ''::text not null,
  detail jsonb,
  seq bigint,
  hash bytea
);
create table audit_due (
  record_id uuid not null,
  at timestamp with time zone not null,
  station text not null,
  record jsonb not null
);
create table audit_head (
  one boolean default true not null,
  seq bigint not null,
  hash bytea not null
);
create table becalm_measure (
  device_no integer not null,
  measured_at timestamp with time zone not null,
  type text not null,
  value double precision not null,
  came_at timestamp with time zone default now() not null
);
create table bed (
  id text not null,
  ward_id text not null,
  label text not null,
  "position" integer not null,
  retired_at timestamp with time zone
);
create table break_glass (
  id uuid not null,
  account_id uuid not null,
  ward_id text not null,
  reason text not null,
  from_at timestamp with time zone not null,
  until_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_by text
);
create table command (
  id uuid not null,
  device_no integer not null,
  name text not null,
  args jsonb default '{}'::jsonb not null,
  state text not null,
  progress real,
  data jsonb,
  why text,
  reason text default ''::text not null,
  asked_by uuid,
  retry_of uuid,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  updated_at timestamp with time zone default now() not null
);
create table command_step (
  id uuid not null,
  command_id uuid not null,
  n integer default 0 not null,
  at timestamp with time zone default now() not null,
  state text not null,
  detail jsonb
);
create table consumer_group (
  id text not null,
  no integer generated always as identity not null,
  "position" bigint default 0 not null,
  taken integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  rejected bigint default 0 not null,
  missed bigint default 0 not null,
  lapses integer default 0 not null
);
create table dead_letter (
  id bigint generated always as identity not null,
  received_at timestamp with time zone default now() not null,
  source text not null,
  topic text not null,
  device_no integer,
  epoch text,
  seq bigint,
  code text not null,
  reason text not null,
  payload bytea not null,
  payload_bytes integer not null
);
create table device (
  no integer generated always as identity not null,
  id text not null,
  site text default 'main'::text not null,
  label text default ''::text not null,
  secret_mac bytea not null,
  secret_mac_previous bytea,
  secret_previous_until timestamp with time zone,
  mode text default 'real'::text not null,
  note text default ''::text not null,
  created_at timestamp with time zone default now() not null,
  retired_at timestamp with time zone,
  state jsonb,
  state_at timestamp with time zone,
  last_seen timestamp with time zone,
  secret_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  changed_at timestamp with time zone default now() not null
);
create table device_config (
  device_no integer not null,
  desired_version integer default 0 not null,
  desired jsonb default '{}'::jsonb not null,
  desired_at timestamp with time zone,
  desired_by uuid,
  reported_version integer default 0 not null,
  reported jsonb default '{}'::jsonb not null,
  reported_errors jsonb default '{}'::jsonb not null,
  reported_at timestamp with time zone
);
create table device_event (
  id bigint generated always as identity not null,
  device_no integer not null,
  ledger_no integer not null,
  seq bigint not null,
  t timestamp with time zone not null,
  received_at timestamp with time zone not null,
  ev text not null,
  phase text not null,
  src text,
  data jsonb
);
create table device_notice (
  id bigint generated always as identity not null,
  device_no integer not null,
  kind text not null,
  first_at timestamp with time zone default now() not null,
  last_at timestamp with time zone default now() not null,
  count bigint default 1 not null,
  detail jsonb
);
create table door_inbox (
  id bigint generated always as identity not null,
  received_at timestamp with time zone default now() not null,
  device_no integer not null,
  objects jsonb not null
);
create table door_sequence (
  device_no integer not null,
  next_seq bigint default 1 not null
);
create table enrolment_code (
  id uuid not null,
  code_mac bytea not null,
  device_id text not null,
  site text not null,
  label text default ''::text not null,
  mode text not null,
  made_by text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  used_from text,
  cancelled_at timestamp with time zone
);
create table feed (
  "position" bigint not null,
  at timestamp with time zone default now() not null,
  messages integer not null,
  body text not null
);
create table fhir_subscription (
  id uuid not null,
  criteria text not null,
  reason text not null,
  version integer default 1 not null,
  changed_at timestamp with time zone not null,
  looked_until timestamp with time zone not null,
  error text,
  deleted_at timestamp with time zone
);
create table firmware_desired (
  hardware text not null,
  version integer not null,
  firmware text,
  at timestamp with time zone not null,
  username text not null,
  role text not null,
  reason text not null
);
create table health_event (
  person_no integer not null,
  kind text not null,
  start_at timestamp with time zone not null,
  name text not null,
  source text not null,
  end_at timestamp with time zone,
  offset_minutes smallint,
  detail jsonb not null,
  import_no bigint not null
);
create table health_import (
  no bigint generated always as identity not null,
  at timestamp with time zone not null,
  person_no integer not null,
  source_no integer,
  door text not null,
  head jsonb default '{}'::jsonb not null,
  report jsonb
);
create table health_name (
  no integer generated always as identity not null,
  name text not null
);
create table health_person (
  no integer generated always as identity not null,
  patient_id uuid not null,
  offset_minutes smallint
);
create table health_source (
  no integer generated always as identity not null,
  id uuid not null,
  patient_id uuid not null,
  label text default ''::text not null,
  token_hash bytea not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  last_at timestamp with time zone,
  revoked_at timestamp with time zone
);
create table health_value (
  person_no integer not null,
  metric_no integer not null,
  start_at timestamp with time zone not null,
  source_no integer not null,
  aggregation smallint not null,
  end_at timestamp with time zone,
  offset_minutes smallint,
  whole boolean not null,
  adds_up boolean not null,
  value double precision,
  low double precision,
  high double precision,
  parts jsonb,
  raw jsonb,
  import_no bigint not null
);
create table hl7_code (
  sender_no integer not null,
  code text not null,
  system text not null,
  signal text not null,
  unit text not null,
  from_at timestamp with time zone not null,
  until_at timestamp with time zone default 'infinity'::timestamp with time zone not null,
  made_by text not null,
  reread_upto bigint default 0 not null,
  recovered bigint default 0 not null,
  reread_until timestamp with time zone not null,
  reread_done boolean default false not null
);
create table hl7_message (
  id bigint generated always as identity not null,
  received_at timestamp with time zone not null,
  sender_no integer not null,
  control_id bytea not null,
  digest bytea not null,
  kind text not null,
  first_seq bigint not null,
  raw bytea not null,
  findings jsonb,
  done boolean default false not null
);
create table hl7_sender (
  no integer generated always as identity not null,
  name text not null,
  device_no integer not null,
  next_seq bigint default 1 not null,
  ack text default 'auto'::text not null,
  offset_minutes integer default 0 not null,
  given_first boolean default false not null,
  charset text default 'windows-1252'::text not null,
  first_at timestamp with time zone default now() not null,
  last_at timestamp with time zone default now() not null
);
create table ledger (
  no integer generated by default as identity not null,
  device_no integer not null,
  epoch text not null,
  got int8multirange default '{}'::int8multirange not null,
  lost int8multirange default '{}'::int8multirange not null,
  first_at timestamp with time zone default now() not null,
  last_at timestamp with time zone default now() not null,
  folded bigint default 0 not null,
  upto bigint default 0 not null
);
create table ledger_page (
  ledger_no integer not null,
  from_no bigint not null,
  got int8multirange not null,
  lost int8multirange not null
);
create table limit_profile (
  id uuid not null,
  ward_id text not null,
  name text not null,
  version integer not null,
  retired_at timestamp with time zone
);
create table limit_profile_version (
  profile_id uuid not null,
  version integer not null,
  what text not null,
  name text not null,
  base text not null,
  limits jsonb not null,
  at timestamp with time zone not null,
  username text not null,
  role text not null,
  reason text not null
);
create table monitoring_interval (
  id uuid not null,
  stay_id uuid not null,
  device_no integer not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  linked_by text not null,
  reason text default ''::text not null
);
create table observation (
  id uuid not null,
  stay_id uuid not null,
  at timestamp with time zone not null,
  entered_at timestamp with time zone not null,
  username text not null,
  role text not null,
  seen jsonb not null
);
create table outbound_delivery (
  no bigint generated always as identity not null,
  target_id uuid not null,
  key text not null,
  event text not null,
  subject text default ''::text not null,
  body text not null,
  created_at timestamp with time zone not null,
  state text default 'waiting'::text not null,
  tries integer default 0 not null,
  next_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  why text,
  status text,
  status_at timestamp with time zone
);
create table outbound_event (
  no bigint generated always as identity not null,
  key text not null,
  event text not null,
  at timestamp with time zone not null,
  ref jsonb not null
);
create table outbound_said (
  no bigint generated always as identity not null,
  delivery_no bigint not null,
  status text not null,
  at timestamp with time zone not null
);
create table outbound_target (
  id uuid not null,
  kind text not null,
  name text not null,
  settings jsonb not null,
  secret bytea,
  events text[] not null,
  wards text[],
  enabled boolean default true not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  away_since timestamp with time zone,
  away_tries integer default 0 not null,
  next_at timestamp with time zone,
  why text,
  leased_by uuid,
  leased_until timestamp with time zone
);
create table patient (
  id uuid not null,
  identifier text,
  family_name text not null,
  given_name text default ''::text not null,
  title text default ''::text not null,
  birth_date date,
  sex text,
  note text default ''::text not null,
  mode text default 'real'::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  changed_at timestamp with time zone default now() not null
);
create table rollout (
  id uuid not null,
  created_at timestamp with time zone not null,
  state text not null,
  version integer not null,
  fact jsonb not null
);
create table rollup_1h (
  device_no integer not null,
  signal smallint not null,
  bucket timestamp with time zone not null,
  n integer not null,
  min real not null,
  max real not null,
  mean real not null,
  last real not null
);
create table rollup_1m (
  device_no integer not null,
  signal smallint not null,
  bucket timestamp with time zone not null,
  n integer not null,
  min real not null,
  max real not null,
  mean real not null,
  last real not null
);
create table rollup_dirty (
  bucket timestamp with time zone not null,
  device_no integer not null,
  bridge text not null,
  marked_at timestamp with time zone default now() not null
);
create table sample (
  t timestamp with time zone not null,
  seq bigint not null,
  device_no integer not null,
  ledger_no integer not null,
  lag_ms integer not null,
  flags smallint default 0 not null,
  hr real,
  pr real,
  spo2 real,
  pi real,
  rr real,
  temp real,
  tskin real,
  paw real,
  pip real,
  peep real,
  sys real,
  dia real,
  map real,
  etco2 real,
  co2 real,
  rrppg real,
  quality bytea,
  other jsonb
) partition by RANGE (t);
create table saved_query (
  id uuid not null,
  account_id uuid not null,
  name text not null,
  query text not null,
  saved_at timestamp with time zone not null
);
create table segment (
  device_no integer not null,
  hour timestamp with time zone not null,
  n integer not null,
  late integer not null,
  first_t timestamp with time zone not null,
  last_t timestamp with time zone not null,
  ledgers integer[] not null,
  seq_from bigint[] not null,
  seq_to bigint[] not null,
  t bytea not null,
  seq bytea not null,
  ledger_no bytea not null,
  lag_ms bytea not null,
  flags bytea not null,
  hr bytea,
  pr bytea,
  spo2 bytea,
  pi bytea,
  rr bytea,
  temp bytea,
  tskin bytea,
  paw bytea,
  pip bytea,
  peep bytea,
  sys bytea,
  dia bytea,
  map bytea,
  etco2 bytea,
  co2 bytea,
  rrppg bytea,
  quality bytea,
  extra bytea,
  other bytea
) partition by RANGE (hour);
create table session (
  token_hash bytea not null,
  account_id uuid not null,
  kind text not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  origin text default ''::text not null,
  locked_at timestamp with time zone
);
create table stay (
  id uuid not null,
  patient_id uuid not null,
  bed_id text,
  reason text default ''::text not null,
  admitted_at timestamp with time zone not null,
  discharged_at timestamp with time zone,
  version integer default 1 not null,
  changed_at timestamp with time zone default now() not null
);
create table stay_bed (
  stay_id uuid not null,
  bed_id text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone
);
create table stay_limits (
  stay_id uuid not null,
  version integer not null,
  body jsonb not null,
  updated_at timestamp with time zone not null,
  updated_by text not null
);
create table stay_limits_change (
  id uuid not null,
  stay_id uuid not null,
  version integer not null,
  at timestamp with time zone not null,
  username text not null,
  role text not null,
  reason text not null,
  before jsonb not null,
  after jsonb not null
);
create table ward (
  id text not null,
  site text default 'main'::text not null,
  name text not null,
  mode text default 'real'::text not null,
  created_at timestamp with time zone default now() not null,
  sound_floor smallint default 0 not null
);
create table waveform (
  device_no integer not null,
  channel smallint not null,
  t timestamp with time zone not null,
  t0s bigint[] not null,
  frames bytea not null
) partition by RANGE (t);

alter table access_token add constraint access_token_name_check CHECK ((name ~ '^[A-Za-z0-9._-]{1,40}$'::text));
alter table access_token add constraint access_token_pkey PRIMARY KEY (id);
alter table access_token add constraint access_token_rights_check CHECK ((cardinality(rights) > 0));
alter table access_token add constraint access_token_token_hash_key UNIQUE (token_hash);
alter table account add constraint account_pkey PRIMARY KEY (id);
alter table account add constraint account_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'nurse'::text, 'charge'::text, 'clinician'::text, 'operator'::text, 'admin'::text, 'auditor'::text, 'patient'::text, 'wall'::text])));
alter table account add constraint account_username_check CHECK ((username ~ '^[A-Za-z0-9._@-]{1,64}$'::text));
alter table account add constraint account_username_key UNIQUE (username);
alter table admission_proposal add constraint admission_proposal_event_check CHECK ((event = ANY (ARRAY['A01'::text, 'A03'::text, 'A08'::text, 'A40'::text])));
alter table admission_proposal add constraint admission_proposal_pkey PRIMARY KEY (id);
alter table admission_proposal add constraint admission_proposal_sender_control_id_digest_key UNIQUE (sender, control_id, digest);
alter table admission_proposal add constraint admission_proposal_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'refused'::text, 'replaced'::text])));
alter table alarm add constraint alarm_pkey PRIMARY KEY (id);
alter table alarm_ask add constraint alarm_ask_pkey PRIMARY KEY (id);
alter table alarm_engine add constraint alarm_engine_id_check CHECK ((id ~ '^[0-9a-f]{16}$'::text));
alter table alarm_engine add constraint alarm_engine_pkey PRIMARY KEY (id);
alter table alarm_event add constraint alarm_event_pkey PRIMARY KEY (id);
alter table alarm_event add constraint alarm_event_stream_check CHECK ((stream = ANY (ARRAY['alarm'::text, 'audio'::text, 'monitoring'::text])));
alter table alarm_notice add constraint alarm_notice_pkey PRIMARY KEY (id);
alter table alarm_notice add constraint alarm_notice_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'delivered'::text, 'failed'::text])));
alter table alarm_review add constraint alarm_review_pkey PRIMARY KEY (id);
alter table alink_device add constraint alink_device_device_name_check CHECK ((device_name ~ '^[A-Za-z0-9_.@:-]{1,64}$'::text));
alter table alink_device add constraint alink_device_pkey PRIMARY KEY (device_no);
alter table alink_device add constraint alink_device_product_key_check CHECK ((product_key ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table alink_device add constraint alink_device_product_key_device_name_key UNIQUE (product_key, device_name);
alter table annotation add constraint annotation_check CHECK (((to_at IS NULL) OR (to_at > from_at)));
alter table annotation add constraint annotation_corrects_key UNIQUE (corrects);
alter table annotation add constraint annotation_pkey PRIMARY KEY (id);
alter table audit add constraint audit_chained CHECK (((seq IS NULL) = (hash IS NULL)));
alter table audit add constraint audit_pkey PRIMARY KEY (id);
alter table audit add constraint audit_record_id_key UNIQUE (record_id);
alter table audit_due add constraint audit_due_pkey PRIMARY KEY (record_id);
alter table audit_head add constraint audit_head_one_check CHECK (one);
alter table audit_head add constraint audit_head_pkey PRIMARY KEY (one);
alter table becalm_measure add constraint becalm_measure_pkey PRIMARY KEY (device_no, measured_at, type);
alter table bed add constraint bed_id_check CHECK ((id ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table bed add constraint bed_pkey PRIMARY KEY (id);
alter table break_glass add constraint break_glass_check CHECK ((until_at > from_at));
alter table break_glass add constraint break_glass_pkey PRIMARY KEY (id);
alter table command add constraint command_pkey PRIMARY KEY (id);
alter table command add constraint command_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'accepted'::text, 'running'::text, 'done'::text, 'failed'::text, 'refused'::text, 'expired'::text, 'cancelled'::text, 'unknown'::text])));
alter table command_step add constraint command_step_pkey PRIMARY KEY (id);
alter table consumer_group add constraint consumer_group_id_check CHECK ((id ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table consumer_group add constraint consumer_group_no_key UNIQUE (no);
alter table consumer_group add constraint consumer_group_pkey PRIMARY KEY (id);
alter table dead_letter add constraint dead_letter_pkey PRIMARY KEY (id);
alter table device add constraint device_id_check CHECK ((id ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table device add constraint device_id_key UNIQUE (id);
alter table device add constraint device_mode_check CHECK ((mode = ANY (ARRAY['real'::text, 'test'::text, 'demo'::text])));
alter table device add constraint device_pkey PRIMARY KEY (no);
alter table device add constraint device_site_check CHECK ((site ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table device_config add constraint device_config_pkey PRIMARY KEY (device_no);
alter table device_event add constraint device_event_pkey PRIMARY KEY (id);
alter table device_notice add constraint device_notice_device_no_kind_key UNIQUE (device_no, kind);
alter table device_notice add constraint device_notice_pkey PRIMARY KEY (id);
alter table door_inbox add constraint door_inbox_pkey PRIMARY KEY (id);
alter table door_sequence add constraint door_sequence_pkey PRIMARY KEY (device_no);
alter table enrolment_code add constraint enrolment_code_code_mac_key UNIQUE (code_mac);
alter table enrolment_code add constraint enrolment_code_device_id_check CHECK ((device_id ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table enrolment_code add constraint enrolment_code_mode_check CHECK ((mode = ANY (ARRAY['real'::text, 'test'::text, 'demo'::text])));
alter table enrolment_code add constraint enrolment_code_pkey PRIMARY KEY (id);
alter table enrolment_code add constraint enrolment_code_site_check CHECK ((site ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table feed add constraint feed_pkey PRIMARY KEY ("position");
alter table fhir_subscription add constraint fhir_subscription_pkey PRIMARY KEY (id);
alter table firmware_desired add constraint firmware_desired_pkey PRIMARY KEY (hardware, version);
alter table health_event add constraint health_event_pkey PRIMARY KEY (person_no, start_at, kind, name, source);
alter table health_import add constraint health_import_door_check CHECK ((door = ANY (ARRAY['http'::text, 'mqtt'::text, 'file'::text])));
alter table health_import add constraint health_import_pkey PRIMARY KEY (no);
alter table health_name add constraint health_name_name_check CHECK ((length(name) <= 400));
alter table health_name add constraint health_name_name_key UNIQUE (name);
alter table health_name add constraint health_name_pkey PRIMARY KEY (no);
alter table health_person add constraint health_person_patient_id_key UNIQUE (patient_id);
alter table health_person add constraint health_person_pkey PRIMARY KEY (no);
alter table health_source add constraint health_source_id_key UNIQUE (id);
alter table health_source add constraint health_source_pkey PRIMARY KEY (no);
alter table health_source add constraint health_source_token_hash_key UNIQUE (token_hash);
alter table health_value add constraint health_value_pkey PRIMARY KEY (person_no, metric_no, start_at, source_no, aggregation);
alter table hl7_code add constraint hl7_code_pkey PRIMARY KEY (sender_no, code, system);
alter table hl7_message add constraint hl7_message_pkey PRIMARY KEY (id);
alter table hl7_message add constraint hl7_message_sender_no_control_id_digest_key UNIQUE (sender_no, control_id, digest);
alter table hl7_sender add constraint hl7_sender_ack_check CHECK ((ack = ANY (ARRAY['auto'::text, 'original'::text, 'enhanced'::text, 'none'::text])));
alter table hl7_sender add constraint hl7_sender_name_key UNIQUE (name);
alter table hl7_sender add constraint hl7_sender_offset_minutes_check CHECK (((offset_minutes >= '-900'::integer) AND (offset_minutes <= 900)));
alter table hl7_sender add constraint hl7_sender_pkey PRIMARY KEY (no);
alter table ledger add constraint ledger_no_key UNIQUE (no);
alter table ledger add constraint ledger_pkey PRIMARY KEY (device_no, epoch);
alter table ledger_page add constraint ledger_page_pkey PRIMARY KEY (ledger_no, from_no);
alter table limit_profile add constraint limit_profile_pkey PRIMARY KEY (id);
alter table limit_profile_version add constraint limit_profile_version_pkey PRIMARY KEY (profile_id, version);
alter table limit_profile_version add constraint limit_profile_version_what_check CHECK ((what = ANY (ARRAY['made'::text, 'changed'::text, 'retired'::text])));
alter table monitoring_interval add constraint monitoring_interval_check CHECK (((to_at IS NULL) OR (to_at >= from_at)));
alter table monitoring_interval add constraint monitoring_interval_pkey PRIMARY KEY (id);
alter table observation add constraint observation_pkey PRIMARY KEY (id);
alter table outbound_delivery add constraint outbound_delivery_pkey PRIMARY KEY (no);
alter table outbound_delivery add constraint outbound_delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'dead'::text])));
alter table outbound_delivery add constraint outbound_delivery_target_id_key_key UNIQUE (target_id, key);
alter table outbound_event add constraint outbound_event_key_key UNIQUE (key);
alter table outbound_event add constraint outbound_event_pkey PRIMARY KEY (no);
alter table outbound_said add constraint outbound_said_delivery_no_status_key UNIQUE (delivery_no, status);
alter table outbound_said add constraint outbound_said_pkey PRIMARY KEY (no);
alter table outbound_target add constraint outbound_target_name_key UNIQUE (name);
alter table outbound_target add constraint outbound_target_pkey PRIMARY KEY (id);
alter table patient add constraint patient_identifier_key UNIQUE (identifier);
alter table patient add constraint patient_mode_check CHECK ((mode = ANY (ARRAY['real'::text, 'test'::text, 'demo'::text])));
alter table patient add constraint patient_pkey PRIMARY KEY (id);
alter table patient add constraint patient_sex_check CHECK ((sex = ANY (ARRAY['female'::text, 'male'::text, 'other'::text, 'unknown'::text])));
alter table rollout add constraint rollout_pkey PRIMARY KEY (id);
alter table rollup_1h add constraint rollup_1h_pkey PRIMARY KEY (device_no, signal, bucket);
alter table rollup_1m add constraint rollup_1m_pkey PRIMARY KEY (device_no, signal, bucket);
alter table rollup_dirty add constraint rollup_dirty_pkey PRIMARY KEY (bucket, device_no, bridge);
alter table saved_query add constraint saved_query_account_id_name_key UNIQUE (account_id, name);
alter table saved_query add constraint saved_query_pkey PRIMARY KEY (id);
alter table segment add constraint segment_pkey PRIMARY KEY (device_no, hour);
alter table session add constraint session_kind_check CHECK ((kind = ANY (ARRAY['browser'::text, 'program'::text])));
alter table session add constraint session_pkey PRIMARY KEY (token_hash);
alter table stay add constraint stay_pkey PRIMARY KEY (id);
alter table stay_bed add constraint stay_bed_pkey PRIMARY KEY (stay_id, from_at);
alter table stay_limits add constraint stay_limits_pkey PRIMARY KEY (stay_id);
alter table stay_limits_change add constraint stay_limits_change_pkey PRIMARY KEY (id);
alter table stay_limits_change add constraint stay_limits_change_stay_id_version_key UNIQUE (stay_id, version);
alter table ward add constraint ward_id_check CHECK ((id ~ '^[A-Za-z0-9_-]{1,64}$'::text));
alter table ward add constraint ward_mode_check CHECK ((mode = ANY (ARRAY['real'::text, 'test'::text, 'demo'::text])));
alter table ward add constraint ward_pkey PRIMARY KEY (id);
alter table ward add constraint ward_sound_floor_check CHECK (((sound_floor >= 0) AND (sound_floor <= 100)));
alter table waveform add constraint waveform_pkey PRIMARY KEY (device_no, channel, t);

alter table account add constraint account_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);
alter table admission_proposal add constraint admission_proposal_stay_id_fkey FOREIGN KEY (stay_id) REFERENCES stay(id);
alter table alink_device add constraint alink_device_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no) ON DELETE CASCADE;
alter table annotation add constraint annotation_corrects_fkey FOREIGN KEY (corrects) REFERENCES annotation(id);
alter table annotation add constraint annotation_stay_id_fkey FOREIGN KEY (stay_id) REFERENCES stay(id);
alter table bed add constraint bed_ward_id_fkey FOREIGN KEY (ward_id) REFERENCES ward(id);
alter table break_glass add constraint break_glass_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
alter table break_glass add constraint break_glass_ward_id_fkey FOREIGN KEY (ward_id) REFERENCES ward(id);
alter table command add constraint command_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES account(id);
alter table command add constraint command_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table command add constraint command_retry_of_fkey FOREIGN KEY (retry_of) REFERENCES command(id);
alter table command_step add constraint command_step_command_id_fkey FOREIGN KEY (command_id) REFERENCES command(id);
alter table device_config add constraint device_config_desired_by_fkey FOREIGN KEY (desired_by) REFERENCES account(id);
alter table device_config add constraint device_config_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table device_event add constraint device_event_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table device_notice add constraint device_notice_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table door_inbox add constraint door_inbox_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table door_sequence add constraint door_sequence_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table health_import add constraint health_import_person_no_fkey FOREIGN KEY (person_no) REFERENCES health_person(no);
alter table health_import add constraint health_import_source_no_fkey FOREIGN KEY (source_no) REFERENCES health_source(no);
alter table health_person add constraint health_person_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);
alter table health_source add constraint health_source_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);
alter table hl7_code add constraint hl7_code_sender_no_fkey FOREIGN KEY (sender_no) REFERENCES hl7_sender(no);
alter table hl7_message add constraint hl7_message_sender_no_fkey FOREIGN KEY (sender_no) REFERENCES hl7_sender(no);
alter table hl7_sender add constraint hl7_sender_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table ledger add constraint ledger_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table ledger_page add constraint ledger_page_ledger_no_fkey FOREIGN KEY (ledger_no) REFERENCES ledger(no) ON DELETE CASCADE;
alter table limit_profile add constraint limit_profile_ward_id_fkey FOREIGN KEY (ward_id) REFERENCES ward(id);
alter table limit_profile_version add constraint limit_profile_version_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES limit_profile(id);
alter table monitoring_interval add constraint monitoring_interval_device_no_fkey FOREIGN KEY (device_no) REFERENCES device(no);
alter table monitoring_interval add constraint monitoring_interval_stay_id_fkey FOREIGN KEY (stay_id) REFERENCES stay(id);
alter table observation add constraint observation_stay_id_fkey FOREIGN KEY (stay_id) REFERENCES stay(id);
alter table outbound_delivery add constraint outbound_delivery_target_id_fkey FOREIGN KEY (target_id) REFERENCES outbound_target(id) ON DELETE CASCADE;
alter table outbound_said add constraint outbound_said_delivery_no_fkey FOREIGN KEY (delivery_no) REFERENCES outbound_delivery(no) ON DELETE CASCADE;
alter table saved_query add constraint saved_query_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
alter table session add constraint session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account(id);
alter table stay add constraint stay_bed_id_fkey FOREIGN KEY (bed_id) REFERENCES bed(id);
alter table stay add constraint stay_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);
alter table stay_bed add constraint stay_bed_bed_id_fkey FOREIGN KEY (bed_id) REFERENCES bed(id);
alter table stay_bed add constraint stay_bed_stay_id_fkey FOREIGN KEY (stay_id) REFERENCES stay(id);
alter table stay_limits add constraint stay_limits_stay_id_fkey FOREIGN KEY (stay_id) REFERENCES stay(id);
alter table stay_limits_change add constraint stay_limits_change_stay_id_fkey FOREIGN KEY (stay_id) REFERENCES stay(id);

CREATE OR REPLACE FUNCTION public.admission_proposal_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('vigil_admissions', '');
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.alarm_event_goes_out()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.stream = 'alarm' and new.what in ('announced', 'worsened', 're_alarmed', 'recurred', 'escalated', 'acknowledged', 'over_unseen', 'cleared', 'withdrawn') then
    perform outbound_take('alarm/' || new.id, 'alarm.' || new.what, new.at, jsonb_build_object('alarmEventId', new.id));
  elsif new.stream = 'monitoring' then
    perform outbound_take('monitoring/' || new.id, case when new.state = 'paused' then 'alarm.monitoring_paused' else 'alarm.monitoring_resumed' end, new.at, jsonb_build_object('monitoringEventId', new.id));
  end if;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.alarm_event_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' and is_removing_demo() then
    if old.place ->> 'mode' = 'demo' then return old; end if;
  end if;
  raise exception 'the alarm log is append-only';
end $function$
;
CREATE OR REPLACE FUNCTION public.annotation_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' and is_removing_demo() then
    if exists (select from stay s join patient p on p.id = s.patient_id where s.id = old.stay_id and p.mode = 'demo') then return old; end if;
  end if;
  raise exception 'annotations are corrected, never changed or deleted';
end $function$
;
CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit records are append-only';
end $function$
;
CREATE OR REPLACE FUNCTION public.ensure_sample_partition(day date)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  name text := 'sample_' || to_char(day, 'YYYYMMDD');
begin
  if exists (select from pg_inherits where inhparent = 'sample'::regclass and inhrelid = to_regclass(name)) then return; end if;
  perform pg_advisory_xact_lock(7233001, day - date '2000-01-01');
  if exists (select from pg_inherits where inhparent = 'sample'::regclass and inhrelid = to_regclass(name)) then return; end if;
  execute format('create table if not exists %I (like sample including all excluding indexes)', name);
  execute format(
    'alter table sample attach partition %I for values from (%L) to (%L)',
    name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
end $function$
;
CREATE OR REPLACE FUNCTION public.ensure_segment_partition(day date)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  first date := date_trunc('month', day)::date;
  name text := 'segment_' || to_char(day, 'YYYYMM');
begin
  if exists (select from pg_inherits where inhparent = 'segment'::regclass and inhrelid = to_regclass(name)) then return; end if;
  perform pg_advisory_xact_lock(7233003, first - date '2000-01-01');
  if exists (select from pg_inherits where inhparent = 'segment'::regclass and inhrelid = to_regclass(name)) then return; end if;
  execute format('create table if not exists %I (like segment including all excluding indexes)', name);
  execute format(
    'alter table segment attach partition %I for values from (%L) to (%L)',
    name, first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
end $function$
;
CREATE OR REPLACE FUNCTION public.ensure_waveform_partition(day date)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  name text := 'waveform_' || to_char(day, 'YYYYMMDD');
begin
  if exists (select from pg_inherits where inhparent = 'waveform'::regclass and inhrelid = to_regclass(name)) then return; end if;
  perform pg_advisory_xact_lock(7233004, day - date '2000-01-01');
  if exists (select from pg_inherits where inhparent = 'waveform'::regclass and inhrelid = to_regclass(name)) then return; end if;
  execute format('create table if not exists %I (like waveform including all excluding indexes)', name);
  execute format(
    'alter table waveform attach partition %I for values from (%L) to (%L)',
    name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
end $function$
;
CREATE OR REPLACE FUNCTION public.feed_append(messages integer, body text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(7233010);
  insert into feed (position, messages, body) values (nextval('feed_position'), feed_append.messages, feed_append.body);
end $function$
;
CREATE OR REPLACE FUNCTION public.firmware_desired_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'decisions about desired firmware are append-only';
end $function$
;
CREATE OR REPLACE FUNCTION public.health_ms(ms double precision)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE STRICT
AS $function$ select timestamptz 'epoch' + ms * interval '1 millisecond' $function$
;
CREATE OR REPLACE FUNCTION public.health_name_numbers(names text[])
 RETURNS TABLE(name text, no integer)
 LANGUAGE sql
AS $function$
  insert into health_name (name) select distinct asked from unnest(names) asked order by asked on conflict do nothing;
  select n.name, n.no from health_name n where n.name = any (names);
$function$
;
CREATE OR REPLACE FUNCTION public.health_person_number(patient uuid)
 RETURNS integer
 LANGUAGE sql
AS $function$
  insert into health_person (patient_id) values (patient) on conflict do nothing;
  select no from health_person where patient_id = patient;
$function$
;
CREATE OR REPLACE FUNCTION public.is_removing_demo()
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(current_setting('vigil.removing_demo', true), '') = 'on'
$function$
;
CREATE OR REPLACE FUNCTION public.ledger_got(l ledger)
 RETURNS int8multirange
 LANGUAGE sql
 STABLE
AS $function$
  select case when l.folded = 0 then l.got else l.got + coalesce((select range_agg(p.got) from ledger_page p where p.ledger_no = l.no), '{}') end
$function$
;
CREATE OR REPLACE FUNCTION public.ledger_lost(l ledger)
 RETURNS int8multirange
 LANGUAGE sql
 STABLE
AS $function$
  select case when l.folded = 0 then l.lost else l.lost + coalesce((select range_agg(p.lost) from ledger_page p where p.ledger_no = l.no), '{}') - ledger_got(l) end
$function$
;
CREATE OR REPLACE FUNCTION public.limit_profile_version_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' and is_removing_demo() then
    if exists (select from limit_profile l join ward w on w.id = l.ward_id where l.id = old.profile_id and w.mode = 'demo') then return old; end if;
  end if;
  raise exception 'versions of limit profiles are append-only';
end $function$
;
CREATE OR REPLACE FUNCTION public.note_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.changed_at := now();
  return new;
end $function$
;
CREATE OR REPLACE FUNCTION public.outbound_status_is_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.status is not null then
    insert into outbound_said (delivery_no, status, at) values (new.no, new.status, new.status_at) on conflict do nothing;
  end if;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.outbound_take(key text, event text, at timestamp with time zone, ref jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from outbound_target t where t.enabled and (event = any (t.events) or split_part(event, '.', 1) || '.*' = any (t.events))) then
    insert into outbound_event (key, event, at, ref) values (outbound_take.key, outbound_take.event, outbound_take.at, outbound_take.ref) on conflict do nothing;
    perform pg_notify('vigil_outbound', '');
  end if;
end $function$
;
CREATE OR REPLACE FUNCTION public.remove_demo()
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.stay_goes_out()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    perform outbound_take('stay/' || new.id || '/admitted', 'stay.admitted', new.admitted_at, jsonb_build_object('stayId', new.id, 'bedId', new.bed_id));
  elsif old.discharged_at is null and new.discharged_at is not null then
    perform outbound_take('stay/' || new.id || '/discharged/' || new.version, 'stay.discharged', new.discharged_at, jsonb_build_object('stayId', new.id, 'bedId', old.bed_id));
  elsif old.bed_id is distinct from new.bed_id then
    perform outbound_take('stay/' || new.id || '/transferred/' || new.version, 'stay.transferred', now(), jsonb_build_object('stayId', new.id, 'bedId', new.bed_id, 'fromBedId', old.bed_id));
  end if;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.store_health_events(person integer, import bigint, kinds text[], starts double precision[], ends double precision[], offsets smallint[], names text[], sources text[], details text[], OUT stored integer, OUT changed integer)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
begin
  with written as (
    insert into health_event as h (person_no, import_no, kind, start_at, end_at, offset_minutes, name, source, detail)
    select person, import, kind, health_ms(start), health_ms(ending), off, name, source, detail::jsonb
    from unnest(kinds, starts, ends, offsets, names, sources, details) as i (kind, start, ending, off, name, source, detail)
    order by start, kind, name, source
    on conflict (person_no, start_at, kind, name, source) do update
      set import_no = excluded.import_no, end_at = excluded.end_at, offset_minutes = excluded.offset_minutes, detail = excluded.detail
      where (h.end_at, h.offset_minutes, h.detail) is distinct from (excluded.end_at, excluded.offset_minutes, excluded.detail)
    returning (xmax = 0) as fresh)
  select count(*) filter (where fresh), count(*) filter (where not fresh) into stored, changed from written;
end $function$
;
CREATE OR REPLACE FUNCTION public.store_health_values(person integer, import bigint, metrics integer[], sources integer[], aggregations smallint[], starts double precision[], ends double precision[], offsets smallint[], wholes boolean[], adding boolean[], vals double precision[], lows double precision[], highs double precision[], partses text[], raws text[], OUT stored integer, OUT changed integer, OUT kept integer)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
begin
  kept := 0;
  if false = any (wholes) then
    select count(*) into kept
    from unnest(metrics, sources, aggregations, starts, wholes, adding, vals) as i (metric, source, aggregation, start, is_whole, adds, val)
    join health_value h on h.person_no = person and h.metric_no = i.metric and h.source_no = i.source and h.aggregation = i.aggregation and h.start_at = health_ms(i.start)
    where h.whole and not i.is_whole and h.value is distinct from i.val and not (i.adds and coalesce(i.val > h.value, false));
  end if;
  with written as (
    insert into health_value as h (person_no, import_no, metric_no, source_no, aggregation, start_at, end_at, offset_minutes, whole, adds_up, value, low, high, parts, raw)
    select person, import, metric, source, aggregation, health_ms(start), health_ms(ending), off, is_whole, adds, val, lo, hi, part::jsonb, raw::jsonb
    from unnest(metrics, sources, aggregations, starts, ends, offsets, wholes, adding, vals, lows, highs, partses, raws)
      as i (metric, source, aggregation, start, ending, off, is_whole, adds, val, lo, hi, part, raw)
    order by metric, start, source, aggregation
    on conflict (person_no, metric_no, start_at, source_no, aggregation) do update
      set import_no = excluded.import_no, end_at = excluded.end_at, offset_minutes = excluded.offset_minutes, whole = excluded.whole,
          value = excluded.value, low = excluded.low, high = excluded.high, parts = excluded.parts, raw = excluded.raw
      where (h.end_at, h.offset_minutes, h.value, h.low, h.high, h.parts, excluded.whole and not h.whole)
              is distinct from (excluded.end_at, excluded.offset_minutes, excluded.value, excluded.low, excluded.high, excluded.parts, false)
        and (excluded.whole or not h.whole or (h.adds_up and excluded.value > h.value))
    returning (xmax = 0) as fresh)
  select count(*) filter (where fresh), count(*) filter (where not fresh) into stored, changed from written;
end $function$
;
CREATE OR REPLACE FUNCTION public.tell_alink_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('vigil_registry', 'device:' || d.id) from device d where d.no = coalesce(new.device_no, old.device_no);
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.tell_people_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('vigil_people', tg_table_name);
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.tell_registry_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('vigil_registry', tg_table_name || ':' || coalesce(new.id::text, old.id::text));
  return null;
end $function$
;

CREATE INDEX access_token_by_time ON public.access_token USING btree (created_at);
CREATE INDEX admission_proposal_by_time ON public.admission_proposal USING btree (received_at);
CREATE INDEX admission_proposal_open ON public.admission_proposal USING btree (id DESC) WHERE (state = 'open'::text);
CREATE INDEX admission_proposal_person ON public.admission_proposal USING btree (sender, identifier, event) WHERE (state = 'open'::text);
CREATE INDEX alarm_ask_open ON public.alarm_ask USING btree (asked_at) WHERE (answer IS NULL);
CREATE INDEX alarm_by_stay ON public.alarm USING btree (stay_id, announced_at);
CREATE INDEX alarm_by_time ON public.alarm USING btree (announced_at);
CREATE INDEX alarm_event_by_alarm ON public.alarm_event USING btree (alarm_id, n);
CREATE INDEX alarm_event_by_subject ON public.alarm_event USING btree (subject_kind, subject_id, at);
CREATE INDEX alarm_event_monitoring ON public.alarm_event USING btree (subject_id, at, n) WHERE (stream = 'monitoring'::text);
CREATE INDEX alarm_notice_by_alarm ON public.alarm_notice USING btree (alarm_id);
CREATE INDEX alarm_open ON public.alarm USING btree (site) WHERE (phase <> 'cleared'::text);
CREATE INDEX alarm_review_unseen ON public.alarm_review USING btree (received_at) WHERE (seen_at IS NULL);
CREATE INDEX annotation_by_stay ON public.annotation USING btree (stay_id, from_at);
CREATE INDEX audit_by_patient ON public.audit USING btree (patient_id, at) WHERE (patient_id IS NOT NULL);
CREATE INDEX audit_by_time ON public.audit USING btree (at);
CREATE INDEX audit_due_by_time ON public.audit_due USING btree (at);
CREATE INDEX becalm_measure_by_arrival ON public.becalm_measure USING btree (device_no, came_at);
CREATE INDEX break_glass_by_time ON public.break_glass USING btree (until_at);
CREATE INDEX command_by_device ON public.command USING btree (device_no, created_at DESC);
CREATE INDEX command_open ON public.command USING btree (expires_at) WHERE (state = ANY (ARRAY['queued'::text, 'sent'::text, 'accepted'::text, 'running'::text]));
CREATE INDEX command_step_by_command ON public.command_step USING btree (command_id, at);
CREATE INDEX dead_letter_by_time ON public.dead_letter USING btree (received_at);
CREATE INDEX device_event_by_device ON public.device_event USING btree (device_no, t);
CREATE INDEX enrolment_code_by_device ON public.enrolment_code USING btree (device_id, created_at DESC);
CREATE INDEX feed_by_time ON public.feed USING btree (at);
CREATE INDEX health_import_by_person ON public.health_import USING btree (person_no, no DESC);
CREATE INDEX health_source_by_patient ON public.health_source USING btree (patient_id);
CREATE INDEX hl7_code_reread ON public.hl7_code USING btree (sender_no) WHERE (NOT reread_done);
CREATE INDEX hl7_message_by_time ON public.hl7_message USING btree (received_at);
CREATE INDEX hl7_message_findings ON public.hl7_message USING btree (sender_no, id) WHERE (findings IS NOT NULL);
CREATE INDEX hl7_message_open ON public.hl7_message USING btree (id) WHERE (NOT done);
CREATE INDEX monitoring_by_stay ON public.monitoring_interval USING btree (stay_id, from_at);
CREATE INDEX observation_by_stay ON public.observation USING btree (stay_id, at DESC);
CREATE INDEX outbound_by_subject ON public.outbound_delivery USING btree (subject, no DESC) WHERE (subject <> ''::text);
CREATE INDEX outbound_by_target ON public.outbound_delivery USING btree (target_id, no DESC);
CREATE INDEX outbound_ended ON public.outbound_delivery USING btree (ended_at) WHERE (state <> 'waiting'::text);
CREATE INDEX outbound_waiting ON public.outbound_delivery USING btree (target_id, no) WHERE (state = 'waiting'::text);
CREATE INDEX rollout_open ON public.rollout USING btree (created_at) WHERE (state <> ALL (ARRAY['done'::text, 'cancelled'::text, 'put_back'::text]));
CREATE INDEX sample_by_device ON public.sample USING btree (device_no, t);
CREATE INDEX session_by_account ON public.session USING btree (account_id);
CREATE UNIQUE INDEX audit_by_seq ON public.audit USING btree (seq);
CREATE UNIQUE INDEX bed_one_per_place ON public.bed USING btree (ward_id, "position") WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX limit_profile_name ON public.limit_profile USING btree (ward_id, lower(name)) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX monitoring_one_stay_per_device ON public.monitoring_interval USING btree (device_no) WHERE (to_at IS NULL);
CREATE UNIQUE INDEX stay_one_per_bed ON public.stay USING btree (bed_id) WHERE (discharged_at IS NULL);
CREATE UNIQUE INDEX stay_one_per_patient ON public.stay USING btree (patient_id) WHERE (discharged_at IS NULL);

create view demo_device as
 SELECT no,
    id
   FROM device d
  WHERE ((mode = 'demo'::text) AND (NOT (EXISTS ( SELECT
           FROM ((monitoring_interval m
             JOIN stay s ON ((s.id = m.stay_id)))
             JOIN patient p ON ((p.id = s.patient_id)))
          WHERE ((m.device_no = d.no) AND (p.mode <> 'demo'::text))))) AND (NOT (EXISTS ( SELECT
           FROM hl7_sender h
          WHERE (h.device_no = d.no)))));
create view demo_stay as
 SELECT s.id
   FROM (stay s
     JOIN patient p ON ((p.id = s.patient_id)))
  WHERE (p.mode = 'demo'::text);
create view demo_ward as
 SELECT id
   FROM ward w
  WHERE ((mode = 'demo'::text) AND (NOT (EXISTS ( SELECT
           FROM ((bed b
             JOIN stay s ON ((s.bed_id = b.id)))
             JOIN patient p ON ((p.id = s.patient_id)))
          WHERE ((b.ward_id = w.id) AND (p.mode <> 'demo'::text))))) AND (NOT (EXISTS ( SELECT
           FROM (((bed b
             JOIN stay_bed x ON ((x.bed_id = b.id)))
             JOIN stay s ON ((s.id = x.stay_id)))
             JOIN patient p ON ((p.id = s.patient_id)))
          WHERE ((b.ward_id = w.id) AND (p.mode <> 'demo'::text))))));

CREATE TRIGGER access_token_tells AFTER INSERT OR DELETE OR UPDATE OF revoked_at, expires_at ON public.access_token FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER account_tells AFTER INSERT OR DELETE OR UPDATE ON public.account FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER admission_proposal_told AFTER INSERT OR UPDATE OF state ON public.admission_proposal FOR EACH STATEMENT EXECUTE FUNCTION admission_proposal_changed();
CREATE TRIGGER alarm_event_no_change BEFORE DELETE OR UPDATE ON public.alarm_event FOR EACH ROW EXECUTE FUNCTION alarm_event_is_append_only();
CREATE TRIGGER alarm_event_no_truncate BEFORE TRUNCATE ON public.alarm_event FOR EACH STATEMENT EXECUTE FUNCTION alarm_event_is_append_only();
CREATE TRIGGER alarm_event_out AFTER INSERT ON public.alarm_event FOR EACH ROW EXECUTE FUNCTION alarm_event_goes_out();
CREATE TRIGGER alink_device_tells AFTER INSERT OR DELETE OR UPDATE ON public.alink_device FOR EACH ROW EXECUTE FUNCTION tell_alink_change();
CREATE TRIGGER annotation_no_change BEFORE DELETE OR UPDATE ON public.annotation FOR EACH ROW EXECUTE FUNCTION annotation_is_append_only();
CREATE TRIGGER annotation_no_truncate BEFORE TRUNCATE ON public.annotation FOR EACH STATEMENT EXECUTE FUNCTION annotation_is_append_only();
CREATE TRIGGER audit_no_change BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER bed_tells AFTER INSERT OR DELETE OR UPDATE ON public.bed FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER break_glass_tells AFTER INSERT OR UPDATE ON public.break_glass FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER desired_tells AFTER INSERT OR UPDATE OF desired_version ON public.device_config FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER device_notes_change BEFORE UPDATE ON public.device FOR EACH ROW WHEN ((jsonb_build_array(old.label, old.site, old.mode, old.retired_at, (old.state -> 'fw'::text), (old.state -> 'hw'::text), (old.state -> 'caps'::text), (old.state -> 'mode'::text)) IS DISTINCT FROM jsonb_build_array(new.label, new.site, new.mode, new.retired_at, (new.state -> 'fw'::text), (new.state -> 'hw'::text), (new.state -> 'caps'::text), (new.state -> 'mode'::text)))) EXECUTE FUNCTION note_change();
CREATE TRIGGER device_tells AFTER INSERT OR DELETE OR UPDATE OF secret_mac, secret_mac_previous, site, mode, retired_at, label ON public.device FOR EACH ROW EXECUTE FUNCTION tell_registry_change();
CREATE TRIGGER firmware_desired_no_change BEFORE DELETE OR UPDATE ON public.firmware_desired FOR EACH ROW EXECUTE FUNCTION firmware_desired_is_append_only();
CREATE TRIGGER limit_profile_version_no_change BEFORE DELETE OR UPDATE ON public.limit_profile_version FOR EACH ROW EXECUTE FUNCTION limit_profile_version_is_append_only();
CREATE TRIGGER limits_tell AFTER INSERT OR DELETE OR UPDATE ON public.stay_limits FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER monitoring_tells AFTER INSERT OR DELETE OR UPDATE ON public.monitoring_interval FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER observation_tells AFTER INSERT OR DELETE OR UPDATE ON public.observation FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER outbound_status_kept AFTER UPDATE OF status ON public.outbound_delivery FOR EACH ROW EXECUTE FUNCTION outbound_status_is_kept();
CREATE TRIGGER patient_notes_change BEFORE UPDATE ON public.patient FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER patient_tells AFTER UPDATE ON public.patient FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER session_lock_tells AFTER UPDATE OF locked_at ON public.session FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER session_tells AFTER INSERT OR DELETE ON public.session FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER stay_notes_change BEFORE UPDATE ON public.stay FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER stay_out AFTER INSERT OR UPDATE OF bed_id, discharged_at ON public.stay FOR EACH ROW EXECUTE FUNCTION stay_goes_out();
CREATE TRIGGER stay_tells AFTER INSERT OR DELETE OR UPDATE ON public.stay FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
CREATE TRIGGER ward_tells AFTER INSERT OR DELETE OR UPDATE ON public.ward FOR EACH STATEMENT EXECUTE FUNCTION tell_people_change();
