import { ARMED_LAPSE_MS, type Clock, type Stop } from '@vigil/contract'

/**
 * Which screens somebody will hear: a person heard the test sound there, and the screen has said since, every few seconds, that
 * its audio runs. A browser cannot measure its loudspeaker; what is known is that nobody switched it off.
 */
export interface ArmedScreens {
  arm(screen: object, wards: readonly string[]): void
  /** The screen still sounds. Without an `arm` before it, it counts for nothing. */
  beat(screen: object): void
  disarm(screen: object): void
  wardsOf(screen: object): readonly string[]
  /** Armed screens by ward; wards without one are left out. */
  byWard(): Readonly<Record<string, number>>
  onChange(listener: (byWard: Readonly<Record<string, number>>) => void): Stop
  stop(): void
}

interface Armed {
  readonly wards: readonly string[]
  heardAtMs: number
}

const SWEEP_MS = 1_000

export function watchArmedScreens(clock: Clock): ArmedScreens {
  const screens = new Map<object, Armed>()
  const listeners = new Set<(byWard: Readonly<Record<string, number>>) => void>()
  let told = '{}'

  const byWard = () => {
    const counts: Record<string, number> = {}
    for (const { wards } of screens.values()) for (const ward of wards) counts[ward] = (counts[ward] ?? 0) + 1
    return counts
  }
  const tell = () => {
    const counts = byWard()
    const text = JSON.stringify(counts)
    if (text === told) return
    told = text
    for (const listener of listeners) listener(counts)
  }
  const stop = clock.every(SWEEP_MS, () => {
    for (const [screen, { heardAtMs }] of screens) if (clock.monotonic() - heardAtMs > ARMED_LAPSE_MS) screens.delete(screen)
    tell()
  })

  return {
    arm(screen, wards) {
      screens.set(screen, { wards: [...new Set(wards)], heardAtMs: clock.monotonic() })
      tell()
    },
    beat(screen) {
      const armed = screens.get(screen)
      if (armed) armed.heardAtMs = clock.monotonic()
    },
    disarm(screen) {
      if (screens.delete(screen)) tell()
    },
    wardsOf: (screen) => screens.get(screen)?.wards ?? [],
    byWard,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop,
  }
}
