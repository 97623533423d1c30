import type { Subscription } from 'aedes'
import { Readable } from 'node:stream'
import type { Qos } from '../protocol/packets.ts'

/** What Aedes itself publishes: wills. */
export interface AedesPublish {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: Qos
}

export interface PortOptions {
  readonly isKept: (clientId: string) => boolean
  readonly storeRetained: (packet: AedesPublish) => void
  readonly deliver: (packet: AedesPublish) => void
}

/** What Aedes tells the world about its clients under `$SYS` shows every client id to whoever listens; here nobody hears it. */
const SYSTEM = '$SYS/'

/**
 * A subscription that stands for a session: Aedes says "session present" when it finds any, and the refusal of this one by
 * `refuseStoredSubscriptions` costs nothing.
 */
const OF_A_SESSION: Subscription = { topic: 'session/is/present', qos: 0 }

/**
 * Aedes' two ways out, its emitter and its store, onto our sessions. Messages of clients never come this way; wills do. Memory only: an
 * asynchronous store behind Aedes loses messages it has acknowledged, and nothing in this broker has to outlive it.
 */
export function aedesPorts({ isKept, storeRetained, deliver }: PortOptions): { mq: object; persistence: object } {
  const nothing = async (): Promise<void> => undefined
  const after = (_topic: string, _listener: unknown, done?: () => void): void => done?.()
  return {
    mq: {
      on: after,
      removeListener: after,
      emit(packet: AedesPublish, done: () => void) {
        if (!packet.topic.startsWith(SYSTEM)) deliver(packet)
        done()
      },
      close: (done: () => void) => done(),
    },
    persistence: {
      setup: nothing,
      subscriptionsByClient: async ({ id }: { id: string }) => (isKept(id) ? [OF_A_SESSION] : []),
      subscriptionsByTopic: async () => [],
      cleanSubscriptions: nothing,
      outgoingEnqueueCombi: nothing,
      outgoingStream: () => Readable.from([]),
      storeRetained: async (packet: AedesPublish) => storeRetained(packet),
      putWill: nothing,
      delWill: nothing,
    },
  }
}

/** Aedes asks only about the one above: what clients subscribe to never reaches it. */
export function refuseStoredSubscriptions(_client: unknown, _subscription: Subscription, done: (error: null, granted: null) => void): void {
  done(null, null)
}
