import Type, { type Static } from 'typebox'

export const roles = ['viewer', 'nurse', 'charge', 'clinician', 'operator', 'admin', 'auditor', 'patient', 'wall'] as const
export const Role = Type.Enum([...roles])
export type Role = Static<typeof Role>

/** What a route may demand. A route that declares none stops the start. */
export const permissions = [
  'public', 'self', 'ward:read', 'patient:read', 'patient:write', 'stay:write', 'device:read', 'device:write',
  'history:read', 'history:export', 'command:send', 'config:write', 'ward:write', 'user:read', 'user:write', 'audit:read',
  'alarm:acknowledge', 'alarm:pause', 'alarm:pause-ward', 'alarm:off', 'limits:write', 'observation:write', 'token:write', 'integration:write', 'glass:break', 'glass:read', 'demo:remove',
] as const
export type Permission = (typeof permissions)[number]

const watch: readonly Permission[] = ['self', 'ward:read', 'patient:read', 'device:read', 'history:read']
const care: readonly Permission[] = [...watch, 'history:export', 'patient:write', 'stay:write', 'command:send', 'config:write', 'alarm:acknowledge', 'alarm:pause', 'limits:write', 'observation:write', 'glass:break']
/** Switching an alarm or its sound off for longer is not for everybody. */
const charge: readonly Permission[] = [...care, 'alarm:pause-ward', 'alarm:off', 'glass:read']

/** Rights by role. `public` needs no sign-in and is therefore in none. */
export const roleRights: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: watch,
  nurse: care,
  charge,
  clinician: charge,
  operator: ['self', 'ward:read', 'device:read', 'device:write', 'command:send', 'config:write', 'ward:write', 'integration:write'],
  admin: permissions.filter((p) => p !== 'public'),
  auditor: ['self', 'audit:read', 'user:read', 'glass:read'],
  patient: ['self'],
  wall: ['self', 'ward:read'],
}

/** A program never makes people or other programs, and has no self: those rights stay with people. */
export const tokenRights = permissions.filter((p) => !['public', 'self', 'user:write', 'token:write', 'glass:break', 'demo:remove'].includes(p))
