import Type, { type Static } from 'typebox'
import { Role } from './rights.ts'
import { IsoTime, Uuid } from './schema.ts'
import { WardScope } from './tokens.ts'

export const SignIn = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 256 }),
    kind: Type.Optional(Type.Enum(['browser', 'program'], { description: 'A browser gets a cookie (default), a program a Bearer token' })),
  },
  { additionalProperties: false, description: 'Sign in' },
)
export type SignIn = Static<typeof SignIn>

export const User = Type.Object({
  id: Uuid,
  username: Type.String(),
  displayName: Type.String(),
  role: Role,
  wards: WardScope,
  /** Whose view a patient's account opens. */
  patientId: Type.Optional(Uuid),
  disabled: Type.Boolean(),
  createdAt: IsoTime,
  hasPin: Type.Optional(Type.Boolean({ description: 'Whether a PIN unlocks a screen of this person' })),
  /** Until then a one-time password waits for its first use. */
  oneTimeUntil: Type.Optional(IsoTime),
})
export type User = Static<typeof User>

export const UserList = Type.Object({ users: Type.Array(User) })
export type UserList = Static<typeof UserList>

export const NewPassword = Type.String({ minLength: 10, maxLength: 256 })

export const NewUser = Type.Object(
  {
    username: Type.String({ pattern: '^[A-Za-z0-9._@-]{1,64}$' }),
    displayName: Type.String({ minLength: 1, maxLength: 100 }),
    role: Role,
    wards: Type.Optional(WardScope),
    patientId: Type.Optional(Type.String({ format: 'uuid', description: 'Whose own view it is; for the role patient, and for it alone' })),
    password: Type.Optional(NewPassword),
  },
  { additionalProperties: false, description: 'A new user. Without a password a one-time one is made; it is in the answer and nowhere else' },
)
export type NewUser = Static<typeof NewUser>

export const SessionInfo = Type.Object({
  user: User,
  rights: Type.Array(Type.String()),
  expiresAt: IsoTime,
  /** Locked: names are hidden and nothing can be done until the person is back. */
  locked: Type.Optional(Type.Boolean()),
  /** Signed in with a one-time password: first choose one of your own. */
  mustChangePassword: Type.Optional(Type.Boolean()),
  /** Bearer token for programs, given only when asked for with `kind: "program"`. */
  token: Type.Optional(Type.String()),
})
export type SessionInfo = Static<typeof SessionInfo>

/** A new user, or a password that was reset; the one-time password is in this answer and nowhere else. */
export const UserWithPassword = Type.Object({ ...User.properties, oneTimePassword: Type.Optional(Type.String({ description: 'Good once, for 72 hours, to choose a password of one\'s own' })) })
export type UserWithPassword = Static<typeof UserWithPassword>

export const UserChange = Type.Object(
  {
    displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    role: Type.Optional(Role),
    wards: Type.Optional(WardScope),
    disabled: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.String({ maxLength: 300 })),
  },
  { additionalProperties: false, minProperties: 1, description: 'Change a user; with another role, other wards or disabled, open sessions end at once' },
)
export type UserChange = Static<typeof UserChange>

export const PasswordChange = Type.Object({ current: Type.String({ minLength: 1, maxLength: 256 }), next: NewPassword }, { additionalProperties: false, description: 'Choose a new password' })
export type PasswordChange = Static<typeof PasswordChange>

export const PinChange = Type.Object({ password: Type.String({ minLength: 1, maxLength: 256 }), pin: Type.String({ pattern: '^[0-9]{4,8}$', description: '4 to 8 digits' }) }, { additionalProperties: false, description: 'Set the PIN that unlocks a screen' })
export type PinChange = Static<typeof PinChange>

/** By PIN, or by the password when no PIN is set or it is forgotten. */
export const Unlock = Type.Object({ pin: Type.Optional(Type.String({ pattern: '^[0-9]{4,8}$' })), password: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) }, { additionalProperties: false, minProperties: 1, maxProperties: 1, description: 'Unlock a locked session' })
export type Unlock = Static<typeof Unlock>
