import { AppError, type NewRollout, type WardScope } from '@vigil/contract'
import { CANARY_DEVICE } from '../live/canary.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'

interface Choosing {
  readonly registry: Registry
  readonly hub: Pick<LiveHub, 'status' | 'birth'>
  readonly wards: WardScope
}

/** What lies in no ward is seen by whoever may see devices. */
export function seesPlace(wards: WardScope, wardId: string | undefined): boolean {
  return wards === null || wardId === undefined || wards.includes(wardId)
}

/**
 * The devices a rollout is about, those first that harm least when it goes wrong: in reach and without a patient.
 * @throws AppError NOT_FOUND, INVALID_REQUEST
 */
export function chooseDevices({ devices, wardId, model }: Pick<NewRollout, 'devices' | 'wardId' | 'model'>, { registry, hub, wards }: Choosing): string[] {
  if ([devices, wardId, model].filter((choice) => choice !== undefined).length !== 1) throw new AppError('INVALID_REQUEST', 'Choose devices by exactly one of: a list, a ward, a model.')
  const world = registry.now()
  const wardOf = (id: string) => world.stayOfDevice.get(id)?.wardId ?? undefined
  const inService = world.world.devices.filter((device) => device.retiredAtMs === null && device.id !== CANARY_DEVICE).map(({ id }) => id)
  const unknown = devices?.find((id) => !inService.includes(id))
  if (unknown !== undefined) throw new AppError('NOT_FOUND', `There is no device ${unknown} in service.`)
  const chosen = devices ?? inService.filter((id) => (wardId === undefined ? hub.birth(id)?.hw === model && seesPlace(wards, wardOf(id)) : wardOf(id) === wardId))
  if (chosen.length === 0) throw new AppError('INVALID_REQUEST', 'No device in service fits this choice.')
  const harm = (id: string) => (hub.status(id) === 'online' ? 0 : 2) + (world.stayOfDevice.has(id) ? 1 : 0)
  return [...chosen].sort((a, b) => harm(a) - harm(b) || a.localeCompare(b, 'en', { numeric: true }))
}
