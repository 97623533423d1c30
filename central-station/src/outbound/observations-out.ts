import type { Clock, Stop } from '@vigil/contract'
import type { LiveHub } from '../live/live-hub.ts'
import type { Registry } from '../registry/registry.ts'
import { hl7Observations } from './hl7-message.ts'
import type { NewDelivery, OutboundStore, Target } from './outbound.ts'
import type { Log } from '@vigil/program'

export interface ObservationsOutOptions {
  readonly store: OutboundStore
  readonly registry: Registry
  readonly hub: LiveHub
  readonly clock: Clock
  readonly log: Log
  readonly onPut: () => void
}

const LOOK_EVERY_MS = 1_000
/** Targets are few and change seldom. */
const REMEMBER_MS = 10_000

/**
 * For every HL7 receiver that wants observations, each stay's newest values every so many seconds, into its durable line. A
 * value is told once: a moment without a new one is not told again.
 */
export function startObservationsOut({ store, registry, hub, clock, log, onPut }: ObservationsOutOptions): Stop {
  const told = new Map<string, number>()
  let targets: readonly Target[] = []
  let readAt = -Infinity
  let busy = false

  const look = async (): Promise<void> => {
    const now = clock.now()
    if (clock.monotonic() - readAt >= REMEMBER_MS) {
      targets = (await store.targets()).filter(({ kind, enabled, settings }) => kind === 'hl7' && enabled && everyMs(settings) > 0)
      readAt = clock.monotonic()
    }
    const made = targets.flatMap((target) => roundOf(target, now))
    if (made.length === 0) return
    await store.put(made.map(({ delivery }) => delivery), now)
    for (const { about, newestMs } of made) told.set(about, newestMs)
    onPut()
  }

  const roundOf = (target: Target, now: number): { delivery: NewDelivery; about: string; newestMs: number }[] => {
    const step = everyMs(target.settings)
    return [...registry.now().stays.values()].flatMap((stay) => {
      if (!stay.link || (target.wards !== null && !(stay.wardId !== null && target.wards.includes(stay.wardId)))) return []
      const about = `${target.id} ${stay.id}`
      const since = Math.max(told.get(about) ?? 0, now - step, stay.link.fromMs)
      const latest = Object.fromEntries(Object.entries(hub.latest(stay.link.deviceId, since)).filter(([, value]) => value.t > since))
      const newestMs = Math.max(0, ...Object.values(latest).map(({ t }) => t))
      // Two stations would tell the same: the round is in the key.
      const round = Math.floor(now / step)
      if (newestMs === 0 || (told.get(about) ?? 0) >= round * step) return []
      const body = hl7Observations(target, stay, latest, now)
      return body === undefined ? [] : [{ delivery: { targetId: target.id, key: `observations/${stay.id}/${round}`, event: 'observations', subject: stay.id, body }, about, newestMs }]
    })
  }

  return clock.every(LOOK_EVERY_MS, () => {
    if (busy) return
    busy = true
    void look().catch((err: unknown) => log.debug({ err }, 'outbound.observations_not_put')).finally(() => (busy = false))
  })
}

function everyMs(settings: Target['settings']): number {
  const seconds = settings['observationsEveryS']
  return typeof seconds === 'number' ? seconds * 1_000 : 0
}
