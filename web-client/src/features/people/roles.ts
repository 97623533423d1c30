import type { Permission, Role } from '@vigil/contract/api/rights'

export type { Role }
/** In the order of the ward; the contract's list needs its schema compiler at run time, which stays out of the app. */
export const roles: readonly Role[] = ['nurse', 'charge', 'clinician', 'viewer', 'operator', 'admin', 'auditor', 'patient', 'wall']

/** What a program is usually given; the API takes every right but those that only people have. */
export const programRights: readonly Permission[] = ['ward:read', 'patient:read', 'patient:write', 'stay:write', 'device:read', 'device:write', 'history:read', 'history:export', 'observation:write', 'command:send', 'config:write', 'audit:read']
