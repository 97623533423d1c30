import { shallowReactive, shallowRef, type ShallowRef } from 'vue'
import type { DeviceDelta } from '@vigil/contract/api/live'
import type { DeviceStatus } from '@vigil/contract/api/schema'
import { mergeLatest, type LatestValues } from './ward-state.ts'

/** What a device said lately, whoever it is linked to; for the device page and the remote panel. */
export interface DeviceView {
  readonly status: DeviceStatus | undefined
  readonly intervalMs: number | undefined
  readonly values: LatestValues
}

const unheard: DeviceView = { status: undefined, intervalMs: undefined, values: {} }

export interface DeviceState {
  /** The view of one device; empty until the first frame about it. */
  of(device: string): ShallowRef<DeviceView>
  apply(delta: DeviceDelta): void
}

export function createDeviceState(): DeviceState {
  const views = shallowReactive(new Map<string, ShallowRef<DeviceView>>())

  function of(device: string): ShallowRef<DeviceView> {
    let view = views.get(device)
    if (!view) views.set(device, (view = shallowRef(unheard)))
    return view
  }

  return {
    of,
    apply(delta) {
      const view = of(delta.device)
      const { status = view.value.status, intervalMs = view.value.intervalMs } = delta
      view.value = { status, intervalMs, values: mergeLatest(view.value.values, delta.values) }
    },
  }
}
