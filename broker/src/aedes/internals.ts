// oxlint-disable no-underscore-dangle -- the inner parts of other people's code have such names
import type { Client, Connection, PublishPacket } from 'aedes'
import type { EventEmitter } from 'node:events'
import type { PacketIn } from '../protocol/packets.ts'

/**
 * The parts of Aedes 1.2.0 that we take hold of. They are not public: the version is pinned exactly, and test/guards-*.test.ts tries
 * each over a real socket, so an upgrade that moves one of them fails there.
 */
interface ReplacedParser {
  parse(chunk: Buffer): number
  removeAllListeners(): unknown
  /** Where Aedes would put packets that come before the CONNACK; it takes `null` for none. */
  _queue: unknown
}

export interface GuardedClient extends Omit<Client, 'conn' | 'subscriptions'> {
  conn: Connection
  will: PublishPacket | null
  _will: PublishPacket | null
  _disconnected: boolean
  _parsingBatch: number
  readonly _nextBatch: (error?: Error) => void
  readonly _keepaliveTimer: NodeJS.Timeout | null
  _parser: ReplacedParser
}

/** Hands a packet to Aedes as its own parser would. */
export type HandToAedes = (client: GuardedClient, packet: PacketIn) => void

/** Stands where Aedes' parser was. */
class NoParser implements ReplacedParser {
  readonly client: GuardedClient
  _queue = null

  constructor(client: GuardedClient) {
    this.client = client
  }

  /** What Aedes still reads while it deals with a CONNECT, the stream has told us of as well. */
  parse(): number {
    return 0
  }

  removeAllListeners(): void {}
}

/** Takes the reading of a connection from Aedes. Answers the way to hand it a packet nevertheless. */
export function takeReading(client: GuardedClient, read: (chunk: Buffer) => void): HandToAedes {
  const parser = client._parser as ReplacedParser & EventEmitter
  const [handle] = parser.listeners('packet') as ((packet: PacketIn) => void)[]
  parser.removeAllListeners()
  client._parser = new NoParser(client)
  // Aedes counts what it has under way, and waits for the count to come to nothing.
  client._parsingBatch = 0
  client.conn.removeListener('readable', client._nextBatch)
  client.conn.on('data', read)
  return (of, packet) => handle?.call(of._parser, packet)
}

/** Changes the will a client asked for, before Aedes stores it. */
export function changeWill(client: GuardedClient, change: (asked: PublishPacket | null) => PublishPacket | null): void {
  client._will = change(client._will)
}

/** The client has said goodbye: Aedes publishes no will for it [MQTT-3.14.4-3]. */
export function signOff(client: GuardedClient): void {
  client._disconnected = true
}

export function hasSignedOff(client: GuardedClient): boolean {
  return client._disconnected
}

/** A packet has come [MQTT-3.1.2-24]. */
export function keepAlive(client: GuardedClient): void {
  client._keepaliveTimer?.refresh()
}

/** Stops the search for wills of brokers that died. */
export function forgetStaleWills(aedes: object): void {
  clearInterval((aedes as { readonly _clearWillInterval: NodeJS.Timeout })._clearWillInterval)
}

/** The same client with its inner parts visible; the only such cast. */
export function insideOf(client: Client): GuardedClient {
  return client as unknown as GuardedClient
}
