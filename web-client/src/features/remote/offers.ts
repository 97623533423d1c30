import type { Device } from '@vigil/contract/api/devices'
import type { CommandOffer } from '@vigil/contract/messages/state'

/** A row of the panel: offered by the device, or expected by every nurse and missing, which is said. */
export interface ShownOffer extends CommandOffer {
  readonly offered: boolean
}

/** What every agent should offer; shown even when a device does not, with that as the reason. */
const expected = ['measure_now', 'identify', 'self_test'] as const

/** Waveforms are asked for by opening the patient's live page, time is set by the server, a demo board plays from the demo menu. */
const notButtons: ReadonlySet<string> = new Set(['stream_wave', 'set_time', 'demo_scenario'])

export function offersOf(device: Device | undefined): ShownOffer[] {
  if (!device) return []
  const offered = (device.capabilities?.commands ?? []).filter((offer) => !notButtons.has(offer.name))
  const missing = expected.filter((name) => !offered.some((offer) => offer.name === name))
  const rank = (name: string) => (expected as readonly string[]).indexOf(name) + 1 || expected.length + 1
  return [...offered.map((offer) => ({ ...offer, offered: true })), ...missing.map((name) => ({ name, risk: 'low' as const, offered: false }))].sort((a, b) => rank(a.name) - rank(b.name))
}
