import Type, { type Static, type TSchema } from 'typebox'
import { errorCodes } from '../errors.ts'
import { absenceReasons, questionReasons } from '../quality.ts'

/** Pieces several resources share. Times in the API are ISO 8601 UTC unless the name ends in `Ms`. */
export const Name = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Name of a device, ward, bed or site' })
export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$', description: 'UUID' })
export const IsoTime = Type.String({ description: 'ISO 8601 time, UTC' })
export const Mode = Type.Enum(['real', 'test', 'demo'], { description: 'Demo and test data are labelled wherever shown' })
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

/** RFC 9457 problem, with a stable `code`. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: Object.keys(errorCodes).join(', ') }),
    detail: Type.String({ description: 'A sentence a person can act on' }),
    requestId: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { description: 'What went wrong' },
)
export type Problem = Static<typeof Problem>

/** Newest value of one signal. `v` null: the device said the value could not be had, `x` tells why. */
export const LatestValue = Type.Object({
  v: nullable(Type.Number()),
  t: Type.Number({ description: 'When measured, ms since the Unix epoch, server time' }),
  q: Type.Optional(Type.Enum([...questionReasons])),
  x: Type.Optional(Type.Enum([...absenceReasons])),
  sq: Type.Optional(Type.Number()),
  /** Last value that was there, when `v` is null now. */
  was: Type.Optional(Type.Object({ v: Type.Number(), t: Type.Number() })),
})
export type LatestValue = Static<typeof LatestValue>

export const DeviceStatus = Type.Enum(['online', 'late', 'sleeping', 'lost', 'never'],
  { description: 'Presence, judged by the central station from what it hears' },
)
export type DeviceStatus = Static<typeof DeviceStatus>
