import { type Arrival } from '../pipeline/open-message.ts'

/**
 * What became of a delivery. `stored`: committed. `dead`: can never be stored, its dead letter is committed. `released`: not
 * taken, for lack of room; whoever holds it sends it again.
 */
export type Settlement = 'stored' | 'dead' | 'released'

/** One message a source handed over. It is not acknowledged before `settle`. */
export interface Delivery extends Arrival {
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
  /** Some deliveries were released for lack of room; there is room again, so ask for them. */
  roomAgain(): void
  /** Takes no more deliveries; what was taken can still be settled. */
  pause(): Promise<void>
  stop(): Promise<void>
}

/** Where receipts go out. False when it cannot be sent now: not connected, or too much is waiting on the wire. */
export interface Publisher {
  canPublish(): boolean
  publish(topic: string, payload: string): boolean
}
