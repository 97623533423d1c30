import Type, { type Static } from 'typebox'
import { audioStepKinds } from '../alarms/audio.ts'
import { monitoringStepKinds, pauseMinutes, pauseReasons } from '../alarms/monitoring.ts'
import { stepKinds } from '../alarms/machine-state.ts'
import { news2Parts } from '../alarms/news2.ts'
import { alarmKinds, audioModes, monitoringModes, priorities, subjectKinds } from '../alarms/vocabulary.ts'
import { PatientSummary } from './person.ts'
import { Role } from './rights.ts'
import { IsoTime, Mode, Name, Uuid } from './schema.ts'

export const AlarmPriority = Type.Enum([...priorities])
export const ConditionName = Type.String({ pattern: '^[a-z0-9_]{1,24}(:[a-z][A-Za-z0-9]{0,15})?$', description: 'What is the matter: `low:spo2`, `apnoea`, `no_data:temp`, `device_lost` …' })

/** What a person sees of an alarm. `cleared` only in the last frame about it and in the past. */
export const AlarmNowState = Type.Enum(['active', 'acknowledged', 'latched', 'cleared'], { description: 'active: unanswered; latched: a high alarm over before anyone saw it' })
export type AlarmNowState = Static<typeof AlarmNowState>

/** How far a notice got. `delivered` as far as the next system says so; nobody is known to have read it. */
export const Delivery = Type.Object({
  recipient: Type.String({ description: 'Name from the list of recipients' }),
  step: Type.String({ description: 'Step of the escalation: first, next, charge …' }),
  channel: Type.Enum(['webhook', 'ntfy', 'smtp']),
  state: Type.Enum(['waiting', 'sent', 'delivered', 'failed'], { description: 'waiting: the next try is due; failed: given up' }),
  tries: Type.Integer(),
  at: IsoTime,
  why: Type.Optional(Type.String()),
})
export type Delivery = Static<typeof Delivery>

export const Alarm = Type.Object(
  {
    id: Uuid,
    subject: Type.Object({ kind: Type.Enum([...subjectKinds]), id: Type.String() }),
    condition: ConditionName,
    kind: Type.Enum([...alarmKinds]),
    signal: Type.Optional(Type.String()),
    unit: Type.Optional(Type.String({ description: 'UCUM' })),
    priority: AlarmPriority,
    state: AlarmNowState,
    version: Type.Integer({ description: 'What an acknowledgement answers to (`seenVersion`)' }),
    since: IsoTime,
    announcedAt: IsoTime,
    /** Value at the beginning, the worst since, and the limit in force then. */
    value: Type.Optional(Type.Number()),
    worst: Type.Optional(Type.Number()),
    limit: Type.Optional(Type.Number()),
    questionable: Type.Boolean({ description: 'Only questionable values broke the limit' }),
    /** Cannot be judged since then: no value. */
    unmeasuredSince: Type.Optional(IsoTime),
    /** Monitoring of the patient is paused since then: it stands as it stood, and neither sounds, escalates nor rings again. */
    pausedSince: Type.Optional(IsoTime),
    acknowledgedAt: Type.Optional(IsoTime),
    acknowledgedBy: Type.Optional(Type.String()),
    note: Type.Optional(Type.String()),
    endedAt: Type.Optional(IsoTime),
    escalation: Type.Object({ taken: Type.Array(Type.String()), next: Type.Optional(Type.String()), nextAt: Type.Optional(IsoTime) }),
    reAlarmAt: Type.Optional(IsoTime),
    deliveries: Type.Array(Delivery),
    /** Beds and devices a bundled technical alarm speaks for. */
    members: Type.Optional(Type.Array(Type.String())),
    site: Name,
    wardId: Type.Optional(Name),
    bedId: Type.Optional(Name),
    bedLabel: Type.Optional(Type.String()),
    stayId: Type.Optional(Uuid),
    deviceId: Type.Optional(Name),
    patient: Type.Optional(PatientSummary),
    mode: Mode,
    sentence: Type.String({ description: 'In English, without the patient: "SpO2 84 %, below 90"' }),
  },
  { description: 'An alarm' },
)
export type Alarm = Static<typeof Alarm>

/** Proof that alarms are watched: an empty list without it would say nothing. */
export const AlarmWatch = Type.Object({
  engine: Type.Enum(['ok', 'away'], { description: 'away: no alarm is raised, and that is an alarm' }),
  checkedAt: IsoTime,
  staysWatched: Type.Integer({ description: 'Stays with limits' }),
  staysHeard: Type.Optional(Type.Integer({ description: 'Of these, stays from whose device something came lately, by the same measure as a stale value' })),
  /** Screens with a heard test sound, by ward. */
  armedScreens: Type.Record(Type.String(), Type.Integer()),
  /** Where alarms are judged: by the engine of this central station, or by that of another one, which `onDuty` names. */
  duty: Type.Optional(Type.Enum(['here', 'elsewhere'])),
  onDuty: Type.Optional(Type.String()),
  standbys: Type.Optional(Type.Integer({ description: 'Engines that take over within seconds when the one on duty falls silent' })),
})
export type AlarmWatch = Static<typeof AlarmWatch>

/** `state=open` is everything that is not over; `ended` needs `from`. */
export const AlarmQuery = Type.Object(
  {
    state: Type.Optional(Type.Enum(['open', 'active', 'acknowledged', 'latched', 'ended'], { description: 'Default open' })),
    ward: Type.Optional(Name),
    stay: Type.Optional(Uuid),
    from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds; for ended alarms, default 24 h ago' })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Default 200' })),
  },
  { additionalProperties: false },
)
export type AlarmQuery = Static<typeof AlarmQuery>

export const AlarmList = Type.Object({ alarms: Type.Array(Alarm), watch: AlarmWatch, serverTimeMs: Type.Number() })
export type AlarmList = Static<typeof AlarmList>

/** 409 `ALARM_CHANGED` with `details.version`, `details.value` when it became worse meanwhile. */
export const Acknowledgement = Type.Object(
  { seenVersion: Type.Integer({ minimum: 1, description: '`version` as last seen' }), note: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false, description: 'Acknowledge one alarm; no other is touched' },
)
export type Acknowledgement = Static<typeof Acknowledgement>

/** Who has an acknowledged alarm gives it to a colleague who may answer alarms of its ward. */
export const HandingOver = Type.Object(
  { to: Type.String({ minLength: 1, maxLength: 64, description: 'User name, one of `GET /alarms/{id}/takers`' }), note: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false, description: 'Hand over one acknowledged alarm' },
)
export type HandingOver = Static<typeof HandingOver>

/** Somebody an alarm can be handed to. */
export const Taker = Type.Object({ username: Type.String(), displayName: Type.String(), role: Role })
export type Taker = Static<typeof Taker>
export const TakerList = Type.Object({ takers: Type.Array(Taker) })
export type TakerList = Static<typeof TakerList>

/** One line in the life of an alarm, oldest first. */
export const AlarmEvent = Type.Object({
  n: Type.Integer(),
  at: IsoTime,
  what: Type.String({ description: [...stepKinds, ...audioStepKinds, ...monitoringStepKinds, 'notice_sent', 'notice_failed', 'outside_received', 'outside_delivered', 'outside_read', 'outside_accepted', 'outside_rejected', 'outside_undeliverable'].join(', ') }),
  state: Type.String(),
  version: Type.Optional(Type.Integer()),
  value: Type.Optional(Type.Number()),
  limit: Type.Optional(Type.Number()),
  priority: Type.Optional(AlarmPriority),
  deviceAt: Type.Optional(IsoTime),
  by: Type.Optional(Type.String()),
  role: Type.Optional(Type.String()),
  origin: Type.Optional(Type.String()),
  why: Type.Optional(Type.String()),
})
export type AlarmEvent = Static<typeof AlarmEvent>
export const AlarmEventList = Type.Object({ alarm: Alarm, events: Type.Array(AlarmEvent) })
export type AlarmEventList = Static<typeof AlarmEventList>

const quiet = {
  until: Type.Optional(IsoTime),
  since: Type.Optional(IsoTime),
  by: Type.Optional(Type.String()),
  role: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
}

/** Audio of one stay, in words on every screen while it is not on. */
export const AudioNow = Type.Object({ mode: Type.Enum([...audioModes]), ...quiet })
export type AudioNow = Static<typeof AudioNow>

/** Pause is timed and broken by a new or worse condition; off needs a reason and the right `alarm:off`. */
export const AudioChange = Type.Object(
  {
    mode: Type.Enum([...audioModes]),
    seconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 600, description: 'Of a pause; default 120' })),
    reason: Type.Optional(Type.String({ maxLength: 300 })),
  },
  { additionalProperties: false, description: 'Pause, switch off or resume the audio of one stay' },
)
export type AudioChange = Static<typeof AudioChange>

/** Whether a stay is monitored: while it is not, in words on every screen. `reason` is one of the list, or what was written. */
export const MonitoringNow = Type.Object({ mode: Type.Enum([...monitoringModes]), ...quiet })
export type MonitoringNow = Static<typeof MonitoringNow>

/** Alarms of the stay are held back meanwhile, but for the patient's own call; it ends by itself. */
export const MonitoringPause = Type.Object(
  {
    reason: Type.Enum([...pauseReasons, 'other']),
    text: Type.Optional(Type.String({ minLength: 3, maxLength: 200, description: 'Why, when the reason is `other`' })),
    minutes: Type.Enum([...pauseMinutes]),
  },
  { additionalProperties: false, description: 'Pause the monitoring of one stay' },
)
export type MonitoringPause = Static<typeof MonitoringPause>

/** NEWS2 of a stay. While inputs are missing the score is a lower bound, and never a comfort. */
export const News2Now = Type.Object({
  score: Type.Integer(),
  complete: Type.Boolean(),
  known: Type.Integer({ description: 'Inputs known, of 7' }),
  missing: Type.Array(Type.Enum([...news2Parts])),
  parts: Type.Record(Type.String(), Type.Integer()),
  risk: Type.Enum(['low', 'low-medium', 'medium', 'high'], { description: 'At least; meaningless as a comfort unless complete' }),
  scale: Type.Enum([1, 2]),
  oldestAt: Type.Optional(IsoTime),
  at: IsoTime,
})
export type News2Now = Static<typeof News2Now>

/** A limit that is not the profile's, or a condition switched off: who, when, why and until when. */
export const LimitNote = Type.Object({
  condition: ConditionName,
  what: Type.Enum(['changed', 'not watched', 'alarm off', 'profile'], { description: 'profile: one of the ward was chosen; `name` is its name and `condition` says `profile`' }),
  name: Type.Optional(Type.String()),
  value: Type.Optional(Type.Number()),
  profileValue: Type.Optional(Type.Number()),
  by: Type.String(),
  role: Type.String(),
  at: IsoTime,
  reason: Type.String(),
  until: Type.Optional(IsoTime),
})
export type LimitNote = Static<typeof LimitNote>

/** A crossing found in data that came late: never an alarm, always on this list until somebody has seen it. */
export const ReviewItem = Type.Object({
  id: Uuid,
  stayId: Uuid,
  wardId: Type.Optional(Name),
  bedId: Type.Optional(Name),
  patient: Type.Optional(PatientSummary),
  condition: ConditionName,
  priority: AlarmPriority,
  from: IsoTime,
  to: IsoTime,
  worst: Type.Number(),
  limit: Type.Number(),
  receivedAt: IsoTime,
  seenAt: Type.Optional(IsoTime),
  seenBy: Type.Optional(Type.String()),
})
export type ReviewItem = Static<typeof ReviewItem>
export const ReviewList = Type.Object({ items: Type.Array(ReviewItem) })
export type ReviewList = Static<typeof ReviewList>
