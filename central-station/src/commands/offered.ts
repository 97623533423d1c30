import { AppError } from '@vigil/contract'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import { misfit } from './device-schema.ts'

/** A device is asked for what it says it does, with arguments it says it takes. @throws AppError NOT_FOUND, COMMAND_NOT_OFFERED, COMMAND_ARGUMENTS */
export function assertOffered(deviceId: string, { registry, hub }: { readonly registry: Registry; readonly hub: Pick<LiveHub, 'birth'> }, name: string, args: Readonly<Record<string, unknown>>): void {
  const device = registry.now().devices.get(deviceId)
  if (!device || device.retiredAtMs !== null) throw new AppError('NOT_FOUND', `There is no device ${deviceId}.`)
  const offers = hub.birth(deviceId)?.caps?.commands ?? []
  const offer = offers.find((o) => o.name === name)
  if (!offer) {
    const known = offers.map((o) => o.name)
    const instead = known.length === 0 ? 'It offers none.' : `It offers: ${known.join(', ')}.`
    throw new AppError('COMMAND_NOT_OFFERED', `Device ${deviceId} does not offer ${name}. ${instead}`, { details: { offered: known } })
  }
  const problem = misfit(offer.args ?? { type: 'object', additionalProperties: false }, args)
  if (problem !== undefined) throw new AppError('COMMAND_ARGUMENTS', `The arguments of ${name} do not fit: ${problem}.`, { details: { args: offer.args ?? {} } })
}
