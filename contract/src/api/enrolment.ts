import Type, { type Static } from 'typebox'
import { IsoTime, Mode, Name, Uuid } from './schema.ts'

/** How long a code can be redeemed: as long as somebody stands in front of the board. */
export const ENROLMENT_CODE_LIFE_MS = 10 * 60_000

export const NewEnrolmentCode = Type.Object(
  {
    deviceId: Name,
    site: Type.Optional(Name),
    label: Type.Optional(Type.String({ maxLength: 100 })),
    mode: Type.Optional(Mode),
  },
  { additionalProperties: false, description: 'Let one board in. A device that is registered already gets a new secret, and its old one ends' },
)
export type NewEnrolmentCode = Static<typeof NewEnrolmentCode>

/** `used`, `expired` and `cancelled` codes are dead; `waiting` can be redeemed once. */
export const EnrolmentCodeState = Type.Enum(['waiting', 'used', 'expired', 'cancelled'])
export type EnrolmentCodeState = Static<typeof EnrolmentCodeState>

export const EnrolmentCode = Type.Object({
  id: Uuid,
  deviceId: Name,
  site: Name,
  label: Type.String(),
  mode: Mode,
  state: EnrolmentCodeState,
  madeBy: Type.String(),
  createdAt: IsoTime,
  expiresAt: IsoTime,
  usedAt: Type.Optional(IsoTime),
  usedFrom: Type.Optional(Type.String({ description: 'Network address of the board' })),
})
export type EnrolmentCode = Static<typeof EnrolmentCode>

/** Newest first; codes of the last 30 days. */
export const EnrolmentCodeList = Type.Object({ codes: Type.Array(EnrolmentCode) })
export type EnrolmentCodeList = Static<typeof EnrolmentCodeList>

/** The code is shown this once and stored only as a keyed hash. */
export const EnrolmentCodeCreated = Type.Object({
  ...EnrolmentCode.properties,
  code: Type.String({ description: 'To be typed or scanned at the board, like K7QX3-M9TBD' }),
  fingerprint: Type.Optional(Type.String({ description: 'SHA-256 of the certificate this server shows, as the board must see it; absent when the server speaks plain HTTP or a proxy has the certificate' })),
})
export type EnrolmentCodeCreated = Static<typeof EnrolmentCodeCreated>

/** What a board sends, with nothing but the code to prove itself. */
export const EnrolmentRequest = Type.Object(
  {
    code: Type.String({ minLength: 1, maxLength: 32 }),
    hardware: Type.Optional(Type.String({ maxLength: 64 })),
    firmware: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { additionalProperties: false, description: 'Redeem a one-time code' },
)
export type EnrolmentRequest = Static<typeof EnrolmentRequest>

/** Everything a board needs. The secret is in this answer and nowhere else. */
export const Enrolment = Type.Object({
  id: Name,
  site: Name,
  mode: Mode,
  secret: Type.String(),
  mqtt: Type.Array(Type.String({ description: 'Addresses to try in this order, mqtts://host:port' }), { minItems: 1 }),
  ca: Type.Optional(Type.String({ description: 'PEM of the authority that signed the MQTT certificate; absent when it is one every system knows' })),
  serverTimeMs: Type.Number({ description: 'For a board without a clock' }),
})
export type Enrolment = Static<typeof Enrolment>
