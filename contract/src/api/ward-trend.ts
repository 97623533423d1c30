import Type, { type Static } from 'typebox'
import { Name, nullable, Uuid } from './schema.ts'

export const SignalTrend = Type.Object({
  means: Type.Array(nullable(Type.Number()), { description: 'One mean a step, oldest first; null where nothing was measured in this stay' }),
  low: Type.Optional(Type.Number({ description: 'Limit in force' })),
  high: Type.Optional(Type.Number()),
})
export type SignalTrend = Static<typeof SignalTrend>

export const BedTrend = Type.Object({ bedId: Name, stayId: Uuid, signals: Type.Record(Type.String(), SignalTrend) })
export type BedTrend = Static<typeof BedTrend>

export const WardTrend = Type.Object({
  serverTimeMs: Type.Number(),
  stepMs: Type.Integer(),
  beds: Type.Array(BedTrend, { description: 'Beds with a patient whose device measured something in the last quarter of an hour' }),
})
export type WardTrend = Static<typeof WardTrend>
