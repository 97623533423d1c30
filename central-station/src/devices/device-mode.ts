import type { DeviceState } from '@vigil/contract'
import type { DeviceFact, Mode } from '../registry/world.ts'

/** Demo and test data never pass for real: where the registry and the device differ, the one that is not real counts. */
export function modeOf(fact: DeviceFact, birth: DeviceState | undefined): Mode {
  return birth?.mode === undefined || birth.mode === 'real' ? fact.mode : birth.mode
}
