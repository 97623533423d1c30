import type { EventEmitter } from 'node:events'
import { Aedes, type Client } from 'aedes'
import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Welcome } from '../listen/listener.ts'
import { Connection } from '../protocol/connection.ts'
import type { House } from '../protocol/house.ts'
import { Router } from '../protocol/router.ts'
import { watchSilence } from '../protocol/silence.ts'
import { SessionBook } from '../protocol/session-book.ts'
import { Refusal, type RefusalReason } from '../refusals.ts'
import { factsOf, type Sessions } from '../session.ts'
import { createEntrance } from './entrance.ts'
import { forgetStaleWills, insideOf, takeReading } from './internals.ts'
import { aedesPorts } from './ports.ts'

export interface GuardedBrokerOptions {
  readonly sessions: Sessions
  readonly house: House
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly log: Log
}

export interface GuardedBroker {
  readonly welcome: Welcome
  /** Says a device's message once more to who listens now. */
  sayAgain(topic: string, payload: Buffer): void
  /** Says something in somebody's name: kept where it is to be kept, and passed on. */
  publish(topic: string, payload: string, retain?: boolean): void
  /** Says something to who listens now; answers how many those are. */
  deliver(topic: string, payload: string | Buffer): number
  /** Forgets the session of a client, and what is kept for topics that match a filter. */
  forget(clientId: string, filter: string): void
  close(): Promise<void>
}

/** Topics with more levels are refused long before. */
const MOST_LEVELS = 100

/**
 * Aedes lets clients in: CONNECT, takeover, keepalive, wills. What they say afterwards goes through our own reading, sessions and delivery:
 * in order, bounded, and without waiting for anybody's reader.
 */
export async function createGuardedBroker({ sessions, house, connectTimeoutMs, clock, log }: GuardedBrokerOptions): Promise<GuardedBroker> {
  const book = new SessionBook(house.room)
  const router = new Router({ book, mayReceive: ({ wire }, topic) => house.mayReceive(wire?.owner, topic), monotonic: () => clock.monotonic() })
  const connections = new WeakMap<object, Connection>()
  const ports = aedesPorts({ storeRetained: (packet) => router.retained.store(packet), deliver: (packet) => void router.deliver(packet) })
  const aedes = new Aedes({ ...ports, connectTimeout: connectTimeoutMs, maxTopicLevels: MOST_LEVELS, authorizePublish: house.authorizePublish })
  await aedes.listen()
  // Wills of a broker that died are for stores that outlive it. Ours does not; after a long freeze (a laptop's lid) it would
  // take itself for dead and publish the wills of everyone who is connected.
  forgetStaleWills(aedes)
  const events: EventEmitter = aedes
  events.on('error', (error: unknown) => log.error({ err: error }, 'broker.internal_error'))
  aedes.on('clientError', told)
  aedes.on('connectionError', told)
  const connect = createEntrance({
    aedes,
    house,
    isKept: (id) => book.isKept(id),
    takeWillOff: (id) => takeWillOff(book, id),
    onEntered: (client, entry) => connections.get(client)?.enter(entry),
  })
  const silence = watchSilence(clock)
  const parts = { house, sessions, book, router, silence, clock, connect }

  return {
    welcome(stream, peer) {
      const client = insideOf(aedes.handle(stream))
      const session = sessions.open(client, peer)
      const connection = new Connection(session, parts)
      connections.set(client, connection)
      session.onEnd.push(() => connection.end())
      takeReading(client, (chunk) => connection.read(chunk))
    },
    sayAgain: (topic, payload) => void router.deliver({ topic, payload, qos: 0 }),
    publish: (topic, payload, retain = false) => router.publish({ topic, payload: Buffer.from(payload), qos: 1, retain }),
    deliver: (topic, payload) => router.deliver({ topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, qos: 1 }),
    forget(clientId, filter) {
      book.forget(clientId)
      for (const { topic, qos } of Array.from(router.retained.matching(filter))) router.retained.store({ topic, qos, payload: Buffer.alloc(0) })
    },
    close() {
      silence.stop()
      return new Promise((resolve) => aedes.close(resolve))
    },
  }

  /** Aedes ends a connection for a reason of its own, or the network does. */
  function told(client: Client, error: Error): void {
    const session = sessions.of(client)
    if (!session || session.refused || error instanceof Refusal) return
    const reason = reasonOf(error)
    if (reason) sessions.refuse(session, reason, { why: error.message })
    else log.debug({ ...factsOf(session), why: error.message }, 'broker.connection_lost')
  }
}

function takeWillOff(book: SessionBook, id: string): void {
  const before = book.wireOf(id)?.owner.client
  if (before) before.will = null
}

/** Aedes' own words for what it closes a connection for; the network's errors carry a code and are nobody's fault. */
function reasonOf(error: Error & { readonly code?: string }): RefusalReason | undefined {
  if (error.message === 'connect did not arrive in time') return 'connect_timeout'
  return error.code === undefined ? 'protocol_order' : undefined
}
