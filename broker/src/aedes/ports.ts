import type { Qos } from '../protocol/packets.ts'

/** What Aedes itself publishes: wills. */
export interface AedesPublish {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: Qos
}

export interface PortOptions {
  readonly storeRetained: (packet: AedesPublish) => void
  readonly deliver: (packet: AedesPublish) => void
}

/** What Aedes tells the world about its clients under `$SYS` shows every client id to whoever listens; here nobody hears it. */
const SYSTEM = '$SYS/'

/**
 * Aedes' two ways out, its emitter and its store, onto our sessions. Messages of clients never come this way; wills do. Memory only: an
 * asynchronous store behind Aedes loses messages it has acknowledged, and nothing in this broker has to outlive it.
 */
export function aedesPorts({ storeRetained, deliver }: PortOptions): { mq: object; persistence: object } {
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
      subscriptionsByTopic: async () => [],
      outgoingEnqueueCombi: nothing,
      storeRetained: async (packet: AedesPublish) => storeRetained(packet),
      delWill: nothing,
    },
  }
}
