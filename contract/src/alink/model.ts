import type { Capabilities } from '../messages/state.ts'
import { inOurWords } from './names.ts'
import type { AlinkAddress } from './topics.ts'

/** What is known of a device from its thing model: services it has, properties the centre may set. */
export interface AlinkModel {
  readonly services: readonly string[]
  readonly settings: readonly string[]
}

/** Asks for a measurement at once; what it sends then is the answer. */
export const MEASURE_NOW = 'measure_now'

/** No command from afar silences or clears an alarm at the bedside, whatever its maker calls it. */
const SILENCES = /alarm|alert|silenc|mute|quiet|buzz|sound|volume/i

/** Why a service or a setting cannot be offered; `undefined` when it can. */
export function problemOfModel({ services, settings }: AlinkModel): string | undefined {
  const silencing = [...services, ...settings].find((name) => SILENCES.test(name))
  if (silencing !== undefined) return `"${silencing}" is not offered: nothing from afar may silence or clear an alarm at the bedside.`
  const twice = [services, settings].map((names) => names.map(inOurWords)).flatMap((names) => names.filter((name, i) => name === '' || names.indexOf(name) !== i))
  return twice.length > 0 ? `"${twice[0]}" stands for two names, or for none.` : undefined
}

/** The identifier of the service behind a command. */
export function serviceOf({ services }: AlinkModel, command: string): string | undefined {
  return services.find((identifier) => inOurWords(identifier) === command)
}

/** What a device of theirs can do, as one of ours says it in its birth message. */
export function capabilitiesOf({ productKey, deviceName }: AlinkAddress, model: AlinkModel): Capabilities {
  const services = model.services.map((identifier) => ({ name: inOurWords(identifier), risk: 'high' as const, args: { type: 'object', additionalProperties: true, description: `Service ${identifier} of the device` } }))
  const measure = services.some(({ name }) => name === MEASURE_NOW) ? [] : [{ name: MEASURE_NOW, risk: 'low' as const }]
  return {
    receipts: false,
    commands: [...measure, ...services],
    config: Object.fromEntries(model.settings.map((identifier) => [inOurWords(identifier), { description: `Property ${identifier} of the device` }])),
    note: `Alink: device ${deviceName} of product ${productKey}`,
  }
}

/** Values of a configuration by the names their device has for them, and those it has none for. */
export function propertiesOf({ settings }: AlinkModel, set: Readonly<Record<string, unknown>>): { params: Record<string, unknown>; none: string[] } {
  const params: Record<string, unknown> = {}
  const none: string[] = []
  for (const [key, value] of Object.entries(set)) {
    const identifier = settings.find((name) => inOurWords(name) === key)
    if (identifier === undefined) none.push(key)
    else params[identifier] = value
  }
  return { params, none }
}
