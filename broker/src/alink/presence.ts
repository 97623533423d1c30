import { type DeviceAddress, topicOf } from '@vigil/contract'
import { capabilitiesOf } from '@vigil/contract/alink/index'
import type { AlinkIdentity } from '../rights/rights.ts'

export interface Presence {
  readonly topic: string
  readonly payload: string
}

/** What a device of ours would say when it comes: these boards say nothing of themselves. `version` is the configuration it runs with. */
export function birthOf(address: DeviceAddress & { readonly alink: AlinkIdentity }, version: number): Presence {
  return { topic: topicOf(address, 'state'), payload: JSON.stringify({ st: 'online', mode: 'real', caps: capabilitiesOf(address.alink, address.alink), cfgv: version }) }
}

/** It has said goodbye. */
export function goodbyeOf(address: DeviceAddress): Presence {
  return { topic: topicOf(address, 'state'), payload: JSON.stringify({ st: 'off' }) }
}
