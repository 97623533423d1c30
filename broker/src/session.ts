import type { GuardedClient } from './aedes/internals.ts'
import type { SessionName } from './identity/client-id.ts'
import type { SignedIn } from './identity/signed-in.ts'
import type { Role } from './rights/rights.ts'
import { Refusal, type RefusalFacts, type RefusalReason, type Refusals } from './refusals.ts'

/** `alink`: a door without TLS, for devices that sign and never send a secret. */
export type ListenerName = 'mqtt' | 'mqtts' | 'ws' | 'alink'

/** What a listener knows of a connection. */
export interface Peer {
  readonly listener: ListenerName
  readonly address: string
  /** Bytes that wait for the other side to read, below the stream as well. */
  queuedBytes(): number
  /** Told once the client has signed in: it no longer counts among the strangers, and may send larger packets. */
  readonly signedIn: () => void
}

/** One connection, from its first byte on. */
export interface Session {
  readonly client: GuardedClient
  readonly peer: Peer
  username?: string
  clientId?: string
  name?: SessionName
  signedIn?: SignedIn
  /** Set by the first refusal; nothing that comes after it is looked at. */
  refused?: RefusalReason
  /** What ends with the session: timers and queues of its guards. */
  readonly onEnd: (() => void)[]
}

export interface Sessions {
  open(client: GuardedClient, peer: Peer): Session
  of(client: object | null): Session | undefined
  /** Adds a session to those signed in. */
  enter(session: Session): void
  readonly signedIn: () => Iterable<Session>
  ofDevice(device: string): readonly Session[]
  /** Whether anyone with this role is signed in. */
  has(role: Role): boolean
  /** Turns a session away: counted, logged, connection closed. */
  refuse(session: Session, reason: RefusalReason, facts?: RefusalFacts): void
  /** The same, but what was said to it in this turn still goes out. */
  refuseInWords(session: Session, reason: RefusalReason, facts: RefusalFacts): void
}

export function createSessions(refusals: Refusals): Sessions {
  const byClient = new WeakMap<object, Session>()
  const present = new Set<Session>()
  const byDevice = new Map<string, Set<Session>>()
  const counts = new Map<Role, number>()
  const count = ({ signedIn }: Session, by: 1 | -1) => signedIn && counts.set(signedIn.identity.role, (counts.get(signedIn.identity.role) ?? 0) + by)

  const note = (session: Session, reason: RefusalReason, facts: RefusalFacts) => {
    session.refused = reason
    refusals.note(reason, { ...factsOf(session), ...facts })
  }
  const leave = (session: Session) => {
    if (present.delete(session)) count(session, -1)
    const device = deviceOf(session)
    const siblings = device === undefined ? undefined : byDevice.get(device)
    siblings?.delete(session)
    if (device !== undefined && siblings?.size === 0) byDevice.delete(device)
    for (const end of session.onEnd.splice(0)) end()
  }

  return {
    open(client, peer) {
      const session: Session = { client, peer, onEnd: [] }
      byClient.set(client, session)
      client.conn.once('close', () => leave(session))
      return session
    },
    of: (client) => (client === null ? undefined : byClient.get(client)),
    enter(session) {
      if (!present.has(session)) count(session, 1)
      present.add(session)
      const device = deviceOf(session)
      if (device === undefined) return
      const siblings = byDevice.get(device) ?? new Set<Session>()
      byDevice.set(device, siblings.add(session))
    },
    signedIn: () => present,
    has: (role) => (counts.get(role) ?? 0) > 0,
    ofDevice: (device) => [...(byDevice.get(device) ?? [])],
    refuse(session, reason, facts = {}) {
      if (session.refused) return
      note(session, reason, facts)
      session.client.conn.destroy(new Refusal(reason))
    },
    refuseInWords(session, reason, facts) {
      if (session.refused) return
      note(session, reason, facts)
      const { conn } = session.client
      // Words of this turn are written at its end.
      setImmediate(() => conn.end(() => conn.destroy(new Refusal(reason))))
    },
  }
}

export function deviceOf(session: Session): string | undefined {
  const identity = session.signedIn?.identity
  return identity?.role === 'device' ? identity.device : undefined
}

export function phoneOf(session: Session): string | undefined {
  const identity = session.signedIn?.identity
  return identity?.role === 'phone' ? identity.phone : undefined
}

/** What may be said of a session in the log. */
export function factsOf(session: Session): RefusalFacts {
  return { user: session.username, listener: session.peer.listener, address: session.peer.address }
}
