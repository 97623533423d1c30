import type { Limits } from '@vigil/contract/api/alarm-limits'

/** Limits in force as bands by signal; a limit that is not watched or switched off is no edge. */
export function bandsOf(limits: Limits['limits']): Record<string, { low?: number; high?: number }> {
  const bands: Record<string, { low?: number; high?: number }> = {}
  for (const { condition, inForce } of limits) {
    const [side, signal = ''] = condition.split(':')
    if (inForce && (side === 'low' || side === 'high')) (bands[signal] ??= {})[side] = inForce.value
  }
  return bands
}
