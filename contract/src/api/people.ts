import Type, { type Static } from 'typebox'
import { IsoTime, Uuid } from './schema.ts'

export const roles = ['viewer', 'nurse', 'charge', 'clinician', 'operator', 'admin', 'auditor', 'patient', 'wall'] as const
export const Role = Type.Enum([...roles])
export type Role = Static<typeof Role>

/** What a route may demand. A route that declares none stops the start. */
export const permissions = [
  'public', 'self', 'ward:read', 'patient:read', 'patient:write', 'stay:write', 'device:read', 'device:write',
  'history:read', 'history:export', 'command:send', 'config:write', 'ward:write', 'user:read', 'user:write', 'audit:read',
  'alarm:acknowledge', 'alarm:pause', 'alarm:pause-ward', 'alarm:off', 'limits:write', 'observation:write',
] as const
export type Permission = (typeof permissions)[number]

const watch: readonly Permission[] = ['self', 'ward:read', 'patient:read', 'device:read', 'history:read']
const care: readonly Permission[] = [...watch, 'history:export', 'patient:write', 'stay:write', 'command:send', 'config:write', 'alarm:acknowledge', 'alarm:pause', 'limits:write', 'observation:write']
/** Switching an alarm or its sound off for longer is not for everybody. */
const charge: readonly Permission[] = [...care, 'alarm:pause-ward', 'alarm:off']

/** Rights by role. `public` needs no sign-in and is therefore in none. */
export const roleRights: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: watch,
  nurse: care,
  charge,
  clinician: charge,
  operator: ['self', 'ward:read', 'device:read', 'device:write', 'command:send', 'config:write', 'ward:write'],
  admin: permissions.filter((p) => p !== 'public'),
  auditor: ['self', 'audit:read', 'user:read'],
  patient: ['self'],
  wall: ['self', 'ward:read'],
}

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

export const AuditEntry = Type.Object({
  id: Type.Integer(),
  at: IsoTime,
  username: Type.String(),
  role: Type.String(),
  action: Type.String(),
  patientId: Type.Optional(Uuid),
  stayId: Type.Optional(Uuid),
  deviceId: Type.Optional(Type.String()),
  wardId: Type.Optional(Type.String()),
  origin: Type.String(),
  requestId: Type.String(),
  detail: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type AuditEntry = Static<typeof AuditEntry>

/** Newest first. Times are ISO 8601 or milliseconds since the Unix epoch. */
export const AuditQuery = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    user: Type.Optional(Type.String({ maxLength: 64, description: 'User name' })),
    action: Type.Optional(Type.String({ maxLength: 64, description: 'One action, or its first part: `stay` finds `stay.admit`' })),
    patient: Type.Optional(Uuid),
    stay: Type.Optional(Uuid),
    device: Type.Optional(Type.String({ maxLength: 64 })),
    ward: Type.Optional(Type.String({ maxLength: 64 })),
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries with a smaller id: the next page' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Default 100' })),
  },
  { additionalProperties: false },
)
export type AuditQuery = Static<typeof AuditQuery>

export const AuditList = Type.Object({ entries: Type.Array(AuditEntry) })
export type AuditList = Static<typeof AuditList>
