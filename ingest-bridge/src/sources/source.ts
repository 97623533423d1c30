import type { Arrival } from '../pipeline/open-message.ts'

/**
 * What became of a delivery. `stored`: committed. `dead`: can never be stored, its dead letter is committed. `released`: not
 * taken, for lack of room; whoever holds it sends it again.
 */
export type Settlement = 'stored' | 'dead' | 'released'

/** One message a source handed over. It is not acknowledged before `settle`. */
export interface Delivery extends Arrival {
  /** Whoever holds it delivers it again by itself: it need not wait here for a database that is away. */
  readonly returnable?: boolean
  /** Called exactly once, from whatever later time. Never throws: the link it came by may be gone. */
  settle(outcome: Settlement): void
}

export interface SourceHandlers {
  onDelivery(delivery: Delivery): void
}

/** A way data comes in: MQTT today, AMQP and MLLP beside it. A source reconnects by itself for as long as it is not stopped. */
export interface Source {
  readonly name: string
  start(handlers: SourceHandlers): void
  /** Resolves once data can flow for the first time. */
  ready(): Promise<void>
  facts(): { readonly connected: boolean; readonly detail: string }
  /** Told of each delivery that did not come over the broker, for the live lane. */
  onData?(listener: (delivery: Delivery) => void): void
  /** Some deliveries were released for lack of room; there is room again, so ask for them. */
  roomAgain(): void
  /** Takes no more deliveries; what was taken can still be settled. */
  pause(): Promise<void>
  stop(): Promise<void>
}

/** Where receipts and live values go out. False when it cannot be sent now: not connected, or too much is waiting on the wire. */
export interface Publisher {
  canPublish(): boolean
  publish(topic: string, payload: string | Buffer): boolean
}
