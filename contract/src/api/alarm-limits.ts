import Type, { type Static } from 'typebox'
import { limitKeys, profiles, reAlarmMinutes } from '../alarms/limits.ts'
import { consciousnessLevels } from '../alarms/news2.ts'
import { AlarmPriority, ConditionName } from './alarms.ts'
import { IsoTime, Name, nullable, Uuid } from './schema.ts'

export const ProfileName = Type.Enum([...profiles], { description: 'Defaults, to be approved locally' })

export const LimitValue = Type.Object(
  { value: Type.Number(), delayS: Type.Number({ minimum: 0, maximum: 120 }), priority: AlarmPriority },
  { additionalProperties: false, description: 'A limit, its onset delay in seconds, its priority' },
)
export type LimitValue = Static<typeof LimitValue>

/** Who decided, when, why and until when. */
const who = { by: Type.String(), role: Type.String(), at: IsoTime, reason: Type.String(), until: Type.Optional(IsoTime) }

/** Limits of one stay as they are in force now. */
export const Limits = Type.Object({
  stayId: Uuid,
  version: Type.Integer(),
  profile: ProfileName,
  /** A profile of the ward, instead of `profile` while it is in force. */
  chosen: Type.Optional(Type.Object({ profileId: Uuid, name: Type.String(), version: Type.Integer(), base: ProfileName, ...who })),
  limits: Type.Array(
    Type.Object({
      condition: Type.Enum([...limitKeys]),
      unit: Type.String({ description: 'UCUM; points for news2, s for apnoea, unit per minute for rates' }),
      range: Type.Tuple([Type.Number(), Type.Number()], { description: 'What may be set' }),
      /** `null`: not watched. */
      inForce: nullable(LimitValue),
      profile: nullable(LimitValue),
      changed: Type.Optional(Type.Object(who)),
    }),
  ),
  off: Type.Array(Type.Object({ condition: ConditionName, ...who })),
  news2Scale: Type.Enum([1, 2]),
  news2ScaleDecision: Type.Optional(Type.Object(who)),
  reAlarmMinutes: Type.Enum([...reAlarmMinutes]),
})
export type Limits = Static<typeof Limits>

const limitSet = Type.Record(Type.Enum([...limitKeys]), nullable(LimitValue), { description: 'By condition; null: not watched. A condition that is left out stays as it is' })

const profileBody = {
  name: Type.String({ minLength: 2, maxLength: 40, pattern: '\\S', description: 'As the tile shows it: CPAP' }),
  base: ProfileName,
  limits: Type.Partial(limitSet),
}
const reason = Type.String({ minLength: 3, maxLength: 300 })

/** A profile of limits that a ward agreed on: differences from one of the built-in ones. */
export const LimitProfile = Type.Object({ id: Uuid, wardId: Name, version: Type.Integer(), ...profileBody, by: Type.String(), role: Type.String(), at: IsoTime, reason: Type.String() })
export type LimitProfile = Static<typeof LimitProfile>
export const LimitProfileList = Type.Object({
  profiles: Type.Array(Type.Object({
    ...LimitProfile.properties,
    stays: Type.Integer({ description: 'Stays that have some version of it now' }),
    staysOnOlder: Type.Integer({ description: 'Of these, on an older version than this one' }),
  })),
})
export type LimitProfileList = Static<typeof LimitProfileList>
/** Every version there was, newest first. */
export const LimitProfileHistory = Type.Object({ versions: Type.Array(Type.Object({ what: Type.Enum(['made', 'changed', 'retired']), ...LimitProfile.properties })) })
export type LimitProfileHistory = Static<typeof LimitProfileHistory>

export const NewLimitProfile = Type.Object({ ...profileBody, reason }, { additionalProperties: false, description: 'A new profile of limits of a ward' })
export type NewLimitProfile = Static<typeof NewLimitProfile>
export const LimitProfileChange = Type.Object({ ...profileBody, version: Type.Integer({ minimum: 1, description: 'As last read' }), reason }, { additionalProperties: false, description: 'The next version of a profile. Stays keep the version that was chosen for them.' })
export type LimitProfileChange = Static<typeof LimitProfileChange>
export const LimitProfileEnd = Type.Object({ version: Type.Integer({ minimum: 1, description: 'As last read' }), reason }, { additionalProperties: false, description: 'Nobody can choose it any more; stays that have it keep it.' })
export type LimitProfileEnd = Static<typeof LimitProfileEnd>

/** One audited change of limits, with a reason. `wardProfile` chooses a profile of the ward, null goes back to `profile`. It expires after `expiresInMinutes`, 8 h when absent; null: until changed again. */
export const LimitsChange = Type.Object(
  {
    version: Type.Integer({ minimum: 0, description: 'As last read; 409 when somebody saved meanwhile' }),
    reason: Type.String({ minLength: 3, maxLength: 300 }),
    profile: Type.Optional(ProfileName),
    wardProfile: Type.Optional(nullable(Uuid)),
    limits: Type.Optional(Type.Partial(limitSet)),
    /** Conditions to put back to the profile. */
    reset: Type.Optional(Type.Array(Type.Enum([...limitKeys]))),
    expiresInMinutes: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 43_200 }))),
    news2Scale: Type.Optional(Type.Enum([1, 2], { description: 'Scale 2 only for patients with a documented target of 88 to 92 %' })),
    reAlarmMinutes: Type.Optional(Type.Enum([...reAlarmMinutes])),
  },
  { additionalProperties: false, description: 'A change of limits' },
)
export type LimitsChange = Static<typeof LimitsChange>

/** Alarm off for one condition, with reason and expiry (8 h when absent, null: until switched on). Needs the right `alarm:off`. */
export const AlarmOffChange = Type.Object(
  {
    condition: ConditionName,
    off: Type.Boolean(),
    reason: Type.String({ minLength: 3, maxLength: 300 }),
    expiresInMinutes: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 43_200 }))),
  },
  { additionalProperties: false, description: 'Switch one alarm off or on' },
)
export type AlarmOffChange = Static<typeof AlarmOffChange>

/** What a person saw or measured by hand; counts towards NEWS2 for 12 h, 4 h once the score is 5 or more. */
export const NewObservation = Type.Object(
  {
    consciousness: Type.Optional(Type.Enum([...consciousnessLevels], { description: 'Alert, new Confusion, Voice, Pain, Unresponsive' })),
    oxygen: Type.Optional(Type.Boolean({ description: 'Oxygen is given' })),
    sys: Type.Optional(Type.Number({ minimum: 20, maximum: 300, description: 'mm[Hg]' })),
    dia: Type.Optional(Type.Number({ minimum: 10, maximum: 250, description: 'mm[Hg]' })),
    respRate: Type.Optional(Type.Number({ minimum: 0, maximum: 150, description: '/min' })),
    spo2: Type.Optional(Type.Number({ minimum: 30, maximum: 100, description: '%' })),
    pulse: Type.Optional(Type.Number({ minimum: 15, maximum: 350, description: '/min' })),
    temp: Type.Optional(Type.Number({ minimum: 25, maximum: 45, description: 'Cel' })),
    at: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, when it was seen; now when absent, at most 12 h ago' })),
  },
  { additionalProperties: false, minProperties: 1, description: 'Spot observation' },
)
export type NewObservation = Static<typeof NewObservation>

export const Observation = Type.Object({ id: Uuid, stayId: Uuid, at: IsoTime, by: Type.String(), values: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean()])) })
export type Observation = Static<typeof Observation>
export const ObservationList = Type.Object({ observations: Type.Array(Observation) })
export type ObservationList = Static<typeof ObservationList>
