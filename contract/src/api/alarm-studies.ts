import Type, { type Static } from 'typebox'
import { limitKeys } from '../alarms/limits.ts'
import { LimitValue, ProfileName } from './alarm-limits.ts'
import { IsoTime, Name, nullable, Uuid } from './schema.ts'

const candidate = Type.Partial(Type.Record(Type.Enum([...limitKeys]), nullable(LimitValue)), { description: 'Candidate limits; a condition left out keeps the limit in force' })

/** What would have happened over stored data with other limits: one stay, or every stay of a ward. */
export const SimulationRequest = Type.Object(
  {
    stayId: Type.Optional(Uuid),
    wardId: Type.Optional(Name),
    days: Type.Number({ minimum: 0.01, maximum: 30, description: 'Looked back from now' }),
    profile: Type.Optional(ProfileName),
    limits: Type.Optional(candidate),
  },
  { additionalProperties: false, description: 'Replay stored data with candidate limits' },
)
export type SimulationRequest = Static<typeof SimulationRequest>

const figures = Type.Object({
  alarms: Type.Integer(),
  alarmsPerDay: Type.Number({ description: 'Per patient and day of data' }),
  medianSeconds: nullable(Type.Number()),
  clearedWithin15s: Type.Integer({ description: 'Over within 15 s by themselves' }),
  missedCriticalMinutes: Type.Number({ description: 'Minutes of SpO2 below 80 or of apnoea without an alarm, whatever the limits say' }),
})

export const SimulationResult = Type.Object({
  from: IsoTime,
  to: IsoTime,
  stays: Type.Integer(),
  patientDays: Type.Number({ description: 'Days with data' }),
  resolution: Type.String({ description: 'raw or 1m' }),
  now: figures,
  candidate: figures,
  byCondition: Type.Array(Type.Object({ condition: Type.Enum([...limitKeys]), now: figures, candidate: figures })),
})
export type SimulationResult = Static<typeof SimulationResult>

/** The same limits for every stay of a ward, in one audited call. */
export const WardLimitsChange = Type.Object(
  {
    reason: Type.String({ minLength: 3, maxLength: 300 }),
    limits: candidate,
    expiresInMinutes: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 43_200 }))),
  },
  { additionalProperties: false, description: 'Apply limits to a ward' },
)
export type WardLimitsChange = Static<typeof WardLimitsChange>
export const WardLimitsApplied = Type.Object({ stays: Type.Array(Uuid) })
export type WardLimitsApplied = Static<typeof WardLimitsApplied>

export const AlarmLoadQuery = Type.Object(
  { ward: Type.Optional(Name), from: Type.Optional(Type.String({ maxLength: 40, description: 'Default 7 days ago' })), to: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)
export type AlarmLoadQuery = Static<typeof AlarmLoadQuery>

const load = {
  alarms: Type.Integer(),
  perDay: Type.Number({ description: 'Alarms per bed and day' }),
  medianAcknowledgeSeconds: nullable(Type.Number()),
  medianSeconds: nullable(Type.Number()),
  shareClearedWithin10s: nullable(Type.Number({ description: '0..1' })),
}

export const AlarmLoad = Type.Object({
  from: IsoTime,
  to: IsoTime,
  beds: Type.Integer({ description: 'Beds with an alarm or an open stay' }),
  ...load,
  byBed: Type.Array(Type.Object({ bedId: Name, label: Type.String(), wardId: Name, ...load }), { description: 'Noisiest first' }),
  byCondition: Type.Array(Type.Object({ condition: Type.String(), ...load })),
  byDay: Type.Array(Type.Object({ day: Type.String(), high: Type.Integer(), medium: Type.Integer(), low: Type.Integer() })),
})
export type AlarmLoad = Static<typeof AlarmLoad>
