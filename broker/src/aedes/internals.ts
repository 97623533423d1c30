// oxlint-disable no-underscore-dangle -- the inner parts of other people's code have such names
import { type Aedes, type AedesPublishPacket, type Client, type Connection, type PublishPacket, type Subscription } from 'aedes'
import { type EventEmitter } from 'node:events'

/**
 * The parts of Aedes 1.2.0 and its packet parser that the guards take hold of. They are not public: the version is pinned
 * exactly, and test/guards-*.test.ts tries each guard over a real socket, so an upgrade that moves one of them fails there.
 */
export interface Parser extends EventEmitter {
  readonly packet: { readonly cmd?: string; readonly length: number }
  readonly _list: { slice(start: number, end: number): Buffer }
  _pos: number
  parse(chunk: Buffer): number
  _parseLength(): boolean
  _parseString(): string | null
  _emitError(error: Error): void
}

type Delivered = (error?: Error | null, client?: GuardedClient) => void

export interface GuardedClient extends Omit<Client, 'conn' | 'subscriptions'> {
  conn: Connection
  will: PublishPacket | null
  _will: PublishPacket | null
  duplicates: Record<string, number>
  readonly subscriptions: Readonly<Record<string, { readonly qos: number }>>
  readonly _parser: Parser
  waitForDrain(done: Delivered): void
  deliverQoS(packet: AedesPublishPacket, done: () => void): void
}

/** A message as the memory store sees it. */
export interface StoredPacket extends AedesPublishPacket {
  brokerId: string
  brokerCounter: number
}

export interface Persistence {
  storeRetained(packet: PublishPacket): Promise<void>
  createRetainedStreamCombi(filters: readonly string[]): AsyncIterable<PublishPacket>
  addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<void>
  cleanSubscriptions(client: { readonly id: string }): Promise<void>
  outgoingEnqueue(subscription: { readonly clientId: string }, packet: StoredPacket): Promise<void>
  outgoingEnqueueCombi(subscriptions: readonly { readonly clientId: string }[], packet: StoredPacket): Promise<void>
  outgoingUpdate(client: { readonly id: string }, packet: StoredPacket): Promise<void>
  outgoingClearMessageId(client: { readonly id: string }, packet: Partial<StoredPacket>): Promise<StoredPacket | undefined>
  outgoingStream(client: { readonly id: string }): NodeJS.ReadableStream
}

export interface AedesInternals extends Aedes {
  readonly persistence: Persistence
  readonly _clearWillInterval: NodeJS.Timeout
}

/** The packet parser of a client. */
export function parserOf(client: GuardedClient): Parser {
  return client._parser
}

/** Changes the will a client asked for, before Aedes stores it. */
export function changeWill(client: GuardedClient, change: (asked: PublishPacket | null) => PublishPacket | null): void {
  client._will = change(client._will)
}

/** Stops the search for wills of brokers that died. */
export function forgetStaleWills(aedes: AedesInternals): void {
  clearInterval(aedes._clearWillInterval)
}

/** The same client with its inner parts visible; the only such cast. */
export function insideOf(client: Client): GuardedClient {
  return client as unknown as GuardedClient
}
