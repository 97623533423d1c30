import type { PatientSummary } from '@vigil/contract'

const NOBODY = '00000000-0000-0000-0000-000000000000'

/**
 * What a locked screen is told: beds, values and alarms go on, and who lies there, and why, is not said. Made here for whatever is told,
 * so that a new answer or frame cannot forget it.
 */
export function veil<T>(told: T): T {
  if (Array.isArray(told)) return told.map(veil) as T
  if (typeof told !== 'object' || told === null) return told
  return Object.fromEntries(Object.entries(told).map(([key, value]) => [key, veiled(key, value)])) as T
}

function veiled(key: string, value: unknown): unknown {
  if (key === 'patient' && typeof value === 'object' && value !== null) return { id: NOBODY, familyName: '', givenName: '', title: '', mode: (value as PatientSummary).mode } satisfies PatientSummary
  // What people wrote says more than they think.
  if ((key === 'reason' || key === 'note') && typeof value === 'string') return ''
  return veil(value)
}
