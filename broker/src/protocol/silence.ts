import type { Clock } from '@vigil/contract'

/** How often is looked. Whoever is silent is noticed at most twice this late. */
const LOOK_EVERY_MS = 250

/** Someone who has promised to say something now and then. */
export interface Promiser {
  /** Looks at this moment, monotonic milliseconds, whether the promise is kept, and ends it if it is not. */
  look(now: number): void
}

export interface SilenceWatch {
  watch(promiser: Promiser): void
  forget(promiser: Promiser): void
  stop(): void
}

/** One timer for everybody's keepalive: thousands of their own, each set anew with every packet, cost more than they tell. */
export function watchSilence(clock: Clock): SilenceWatch {
  const watched = new Set<Promiser>()
  const stop = clock.every(LOOK_EVERY_MS, () => {
    const now = clock.monotonic()
    for (const promiser of watched) promiser.look(now)
  })
  return { watch: (promiser) => void watched.add(promiser), forget: (promiser) => void watched.delete(promiser), stop }
}
