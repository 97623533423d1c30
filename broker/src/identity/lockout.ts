import type { Clock } from '@vigil/contract'
import type { BrokerLimits } from '../limits.ts'

export interface Lockout {
  /** Milliseconds until this pair may try again; 0 when it may now. */
  waitMs(id: string, address: string): number
  failed(id: string, address: string): void
  succeeded(id: string, address: string): void
  /** The device got another secret: what failed before says nothing about it. */
  forget(id: string): void
}

interface Failures {
  readonly count: number
  readonly untilMs: number
}

type LockoutLimits = Pick<BrokerLimits, 'freeFailures' | 'lockoutFirstMs' | 'lockoutLongestMs' | 'rememberedFailures'>

/**
 * Back-off after failed sign-ins, per id and address: someone who guesses at a device from one place does not keep the real
 * device, which calls from another, outside.
 */
export function createLockout(clock: Clock, limits: LockoutLimits): Lockout {
  const known = new Map<string, Failures>()
  const keyOf = (id: string, address: string) => `${address} ${id}`

  return {
    waitMs: (id, address) => Math.max(0, (known.get(keyOf(id, address))?.untilMs ?? 0) - clock.monotonic()),
    failed(id, address) {
      const key = keyOf(id, address)
      const count = (known.get(key)?.count ?? 0) + 1
      known.delete(key)
      if (known.size >= limits.rememberedFailures) {
        const [oldest] = known.keys()
        if (oldest !== undefined) known.delete(oldest)
      }
      const over = count - limits.freeFailures
      const waitMs = over <= 0 ? 0 : Math.min(limits.lockoutLongestMs, limits.lockoutFirstMs * 2 ** Math.min(over - 1, 30))
      known.set(key, { count, untilMs: clock.monotonic() + waitMs })
    },
    succeeded(id, address) {
      known.delete(keyOf(id, address))
    },
    forget(id) {
      for (const key of known.keys()) if (key.endsWith(` ${id}`)) known.delete(key)
    },
  }
}
