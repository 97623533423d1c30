import type { Clock, Stop } from '@vigil/contract/clock'

/** Work that comes round, gathered: the board wakes once for everything that is due, not once for each. */
export interface SharedPace {
  /** Calls `run` every `everyMs`, as near to it as the quickest of all allows. */
  every(everyMs: number, run: () => void): Stop
}

interface Member {
  readonly everyMs: number
  readonly run: () => void
  dueAt: number
}

/** Waking up costs a small board more than what most sensors then need. */
export function createSharedPace(clock: Clock): SharedPace {
  const members = new Set<Member>()
  let beatMs = 0
  let stopBeat: Stop = () => {}

  function beat(): void {
    const now = clock.monotonic()
    for (const member of members) {
      // Half a beat early is nearer than half a beat late.
      if (now < member.dueAt - beatMs / 2) continue
      member.dueAt = Math.max(member.dueAt + member.everyMs, now + member.everyMs / 2)
      member.run()
    }
  }
  function follow(): void {
    const quickest = members.size === 0 ? 0 : Math.min(...[...members].map(({ everyMs }) => everyMs))
    if (quickest === beatMs) return
    stopBeat()
    beatMs = quickest
    stopBeat = quickest > 0 ? clock.every(quickest, beat) : () => {}
  }
  return {
    every(everyMs, run) {
      const member = { everyMs, run, dueAt: clock.monotonic() + everyMs }
      members.add(member)
      follow()
      return () => {
        members.delete(member)
        follow()
      }
    },
  }
}
