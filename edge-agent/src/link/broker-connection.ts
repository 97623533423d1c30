/** What a device says over a connection. */
export interface OutgoingMessage {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

/** What a connection tells of itself. After `ended` nothing comes any more. */
export interface ConnectionEvents {
  /** Let in, and subscribed to what a device hears. @param lacks topics that the broker does not let it hear, and that it can do without */
  ready(lacks?: readonly string[]): void
  /** @param text nothing when the message was too large to be read */
  message(topic: string, text: string | undefined): void
  ended(why: string): void
}

/** One connection to the broker from its opening to its end; a new attempt is a new one, so that nothing of an old one is ever sent again. */
export interface BrokerConnection {
  /** At least once; `settled` comes at the PUBACK, or never. */
  publish(message: OutgoingMessage, settled: () => void): void
  /** At most once. */
  publishFrame(topic: string, frame: Uint8Array): void
  /** Bytes handed over and not yet taken by the network. */
  waitingBytes(): number
  /** Ends in order, so that the broker forgets the last will. Says nothing more. */
  close(): void
  /** Ends at once, as a pulled plug does. Says nothing more. */
  cut(): void
}

/** Begins attempt number `attempt`, counted from 0 since the last good connection. */
export type OpenConnection = (attempt: number, events: ConnectionEvents) => BrokerConnection
