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
  disabled: Type.Boolean(),
  createdAt: IsoTime,
})
export type User = Static<typeof User>

export const UserList = Type.Object({ users: Type.Array(User) })
export type UserList = Static<typeof UserList>

export const NewUser = Type.Object(
  {
    username: Type.String({ pattern: '^[A-Za-z0-9._@-]{1,64}$' }),
    displayName: Type.String({ minLength: 1, maxLength: 100 }),
    role: Role,
    wards: Type.Optional(WardScope),
    password: Type.String({ minLength: 10, maxLength: 256 }),
  },
  { additionalProperties: false, description: 'A new user' },
)
export type NewUser = Static<typeof NewUser>

export const SessionInfo = Type.Object({
  user: User,
  rights: Type.Array(Type.String()),
  expiresAt: IsoTime,
  /** Bearer token for programs, given only when asked for with `kind: "program"`. */
  token: Type.Optional(Type.String()),
})
export type SessionInfo = Static<typeof SessionInfo>
