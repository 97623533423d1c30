import type { AudioNow, MonitoringNow } from '@vigil/contract/api/alarms'

/**
 * When the pause of a sound or of a monitoring ends, ms since the Unix epoch: `Infinity` when nobody said until when, nothing when it is
 * not paused. It may lie in the past, until the central station says that it is over.
 */
export function pauseEnd(state: Pick<AudioNow | MonitoringNow, 'mode' | 'until'> | undefined): number | undefined {
  if (state?.mode !== 'paused') return undefined
  return state.until === undefined ? Infinity : Date.parse(state.until)
}
