import { type AwayRoom, ClientSession, type Wire } from './client-session.ts'
import type { Qos } from './packets.ts'
import { TopicTree } from './topic-tree.ts'

/** Every client the broker remembers, and what each listens to. */
export class SessionBook {
  readonly tree = new TopicTree<ClientSession, Qos>()
  readonly #sessions = new Map<string, ClientSession>()
  readonly #room: AwayRoom

  constructor(room: AwayRoom) {
    this.#room = room
  }

  isKept(id: string): boolean {
    return this.#sessions.get(id)?.isKept ?? false
  }

  /** The connection that has this session at the moment. */
  wireOf(id: string): Wire | undefined {
    return this.#sessions.get(id)?.wire
  }

  /** The session a new connection goes on with, or a new one where either side of the break was a clean session [MQTT-3.1.2-6]. */
  enter(id: string, isKept: boolean, wire: Wire): ClientSession {
    const known = this.#sessions.get(id)
    if (known?.isKept && isKept) {
      known.detach()
      this.#room.returned(known, wire.owner)
      known.attach(wire)
      return known
    }
    if (known) this.forget(id)
    const session = new ClientSession(id, isKept, this.#room)
    this.#sessions.set(id, session)
    session.attach(wire)
    return session
  }

  /** A connection has ended. Another may have taken its session over meanwhile. */
  leave(session: ClientSession, wire: Wire): void {
    if (session.wire !== wire) return
    session.detach()
    if (!session.isKept) this.forget(session.id)
  }

  subscribe(session: ClientSession, filter: string, qos: Qos): void {
    session.subscriptions.set(filter, qos)
    this.tree.set(filter, session, qos)
  }

  unsubscribe(session: ClientSession, filter: string): void {
    if (session.subscriptions.delete(filter)) this.tree.delete(filter, session)
  }

  forget(id: string): void {
    const session = this.#sessions.get(id)
    if (!session) return
    session.detach()
    session.forget()
    for (const filter of session.subscriptions.keys()) this.tree.delete(filter, session)
    this.#sessions.delete(id)
  }
}
