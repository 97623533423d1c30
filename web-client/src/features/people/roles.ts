import type { Role } from '@vigil/contract/api/rights'

export type { Role }
/** In the order of the ward; the contract's list needs its schema compiler at run time, which stays out of the app. */
export const roles: readonly Role[] = ['nurse', 'charge', 'clinician', 'viewer', 'operator', 'admin', 'auditor', 'patient', 'wall']
