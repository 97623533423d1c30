import type { Clock } from '@vigil/contract'
import { createSimulatedBoard, logIndicator, openBoardAgent, type RecordingLibrary } from '@vigil/edge-agent'
import { planBeds } from '../demo/bed-plan.ts'
import type { Journal } from './journal.ts'
import { journaledStore } from './journaled-store.ts'
import type { LoadClient, Registered } from './load-client.ts'

export interface RealClientOptions {
  readonly registered: Registered
  readonly url: string
  readonly folder: string
  readonly journal: Journal
  readonly library: RecordingLibrary
  readonly clock: Clock
  readonly random: () => number
  readonly index: number
}

/** The whole agent on an emulated board, as on a real one. */
export function realClient({ registered, url, folder, journal, library, clock, random, index }: RealClientOptions): LoadClient {
  const { device, site, secret } = registered
  const plans = planBeds(index + 1, library)
  const plan = plans[index % plans.length]
  const pulse = library.pulse(plan?.pulse ?? '')
  const mask = plan?.mask === undefined ? undefined : library.mask(plan.mask)
  const board = createSimulatedBoard({ clock, pulse, mask, startOffsetS: plan?.startOffsetS ?? 0, ratioOfRatios: plan?.ratioOfRatios ?? 0.5, seed: index })
  const log = (): void => {}
  const agent = openBoardAgent({
    address: { site, device },
    url,
    secret,
    folder,
    bus: board.bus,
    indicator: logIndicator(log),
    identity: { mode: 'test', firmware: 'load', hardware: 'simulated board', note: 'Load generator: emulated sensors' },
    clock,
    random,
    log,
    synchronous: 'normal',
    prepareSpool: (store) => journaledStore(store, device, journal),
  })
  return { device, start: () => agent.start(), quiet: () => agent.quiet(), stop: () => agent.stop(), status: () => agent.status() }
}
