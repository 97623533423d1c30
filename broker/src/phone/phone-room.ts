import type { BrokerLimits } from '../limits.ts'
import type { Session } from '../session.ts'

/** Memory for large packets of phones: held while they come in, and while they wait for their commit. */
export interface PhoneRoom {
  /** Holds so many bytes for the packet under way. False when there is no room. */
  hold(session: Session, bytes: number): boolean
  /** The packet under way is whole, or its session is over. */
  letGo(session: Session): void
  /** Takes the bytes of an export that waits. False when there is no room. */
  take(bytes: number): boolean
  give(bytes: number): void
  readonly bytes: number
}

export function createPhoneRoom({ phoneBytesInAll }: Pick<BrokerLimits, 'phoneBytesInAll'>): PhoneRoom {
  const held = new Map<Session, number>()
  let used = 0

  const take = (bytes: number): boolean => {
    if (used + bytes > phoneBytesInAll) return false
    used += bytes
    return true
  }
  const letGo = (session: Session) => {
    used -= held.get(session) ?? 0
    held.delete(session)
  }
  return {
    hold(session, bytes) {
      const before = held.get(session)
      // Asked again when the packet is whole.
      if (before !== undefined && before >= bytes) return true
      letGo(session)
      if (!take(bytes)) return false
      if (before === undefined) session.onEnd.push(() => letGo(session))
      held.set(session, bytes)
      return true
    },
    letGo,
    take,
    give(bytes) {
      used -= bytes
    },
    get bytes() {
      return used
    },
  }
}
