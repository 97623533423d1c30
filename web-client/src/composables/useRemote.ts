import { computed, inject, onScopeDispose, provide, shallowRef, watch, type ComputedRef, type InjectionKey, type ShallowRef } from 'vue'
import type { CommandRecord, Device, DeviceConfig, NewCommand } from '@vigil/contract/api/devices'
import type { DeviceStatus } from '@vigil/contract/api/schema'
import { useRequest, type Request } from './useRequest.ts'
import { useWatch } from './useWatch.ts'
import { useServices } from '../services.ts'
import { withCommand } from './newest-command.ts'

/** One device as a person acts on it: the remote panel, and the page around it. */
export interface RemoteView {
  readonly deviceId: ComputedRef<string>
  readonly device: Request<Device>
  readonly config: ShallowRef<DeviceConfig | undefined>
  readonly loadConfig: Request<DeviceConfig>
  readonly commands: ShallowRef<readonly CommandRecord[]>
  readonly loadCommands: Request<CommandRecord[]>
  /** Newest word about presence: live where there is one. */
  readonly status: ComputedRef<DeviceStatus | undefined>
  readonly offline: ComputedRef<boolean>
  send(command: NewCommand): Promise<void>
  /** Takes back a command that still waits. */
  cancel(command: CommandRecord): Promise<void>
}

const viewKey: InjectionKey<RemoteView> = Symbol('remote')

/** Loads once, then follows the live connection; asks again after every reconnect, because words may have been missed. */
export function provideRemote(deviceId: ComputedRef<string>): RemoteView {
  const { api, live } = useServices()
  const device = useRequest((signal) => api.device(deviceId.value, signal), deviceId)
  const loadConfig = useRequest((signal) => api.config(deviceId.value, signal), deviceId)
  const loadCommands = useRequest((signal) => api.commands(deviceId.value, signal), deviceId)
  const config = shallowRef<DeviceConfig>()
  const commands = shallowRef<readonly CommandRecord[]>([])

  useWatch(() => ({ devices: [deviceId.value] }))
  watch(deviceId, () => {
    config.value = undefined
    commands.value = []
  })
  watch(loadConfig.data, (loaded) => (config.value = loaded ?? config.value))
  watch(loadCommands.data, (loaded) => (commands.value = (loaded ?? []).reduce(withCommand, [...commands.value])))
  onScopeDispose(live.onCommand((command) => {
    if (command.deviceId === deviceId.value) commands.value = withCommand(commands.value, command)
  }))
  onScopeDispose(live.onConfig((id, next) => {
    if (id === deviceId.value) config.value = next
  }))
  watch(live.phase, (phase) => {
    if (phase === 'open') void Promise.all([device.reload(), loadConfig.reload(), loadCommands.reload()])
  })

  const status = computed(() => live.devices.of(deviceId.value).value.status ?? device.data.value?.status)
  const view: RemoteView = {
    deviceId, device, config, loadConfig, commands, loadCommands, status,
    offline: computed(() => status.value !== undefined && status.value !== 'online' && status.value !== 'late'),
    async send(command) {
      await api.send(deviceId.value, command)
      await loadCommands.reload()
    },
    async cancel({ id }) {
      try {
        commands.value = withCommand(commands.value, await api.cancel(deviceId.value, id))
      } finally {
        // Too late is told with where the command really is.
        await loadCommands.reload()
      }
    },
  }
  provide(viewKey, view)
  return view
}

export function useRemote(): RemoteView {
  return inject(viewKey) as RemoteView
}

/** That of the page around, when it is about this device; one of its own otherwise. */
export function useRemoteOf(deviceId: ComputedRef<string>): RemoteView {
  const around = inject(viewKey, undefined)
  return around?.deviceId.value === deviceId.value ? around : provideRemote(deviceId)
}
