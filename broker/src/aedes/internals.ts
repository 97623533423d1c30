// oxlint-disable no-underscore-dangle -- the inner parts of other people's code have such names
import type { Client, Connection, PublishPacket } from 'aedes'

/**
 * The parts of Aedes 1.2.0 that we take hold of. They are not public: the version is pinned exactly, and test/guards-*.test.ts tries
 * each over a real socket, so an upgrade that moves one of them fails there.
 */
interface ReplacedParser {
  removeAllListeners(): unknown
  /** Where Aedes would put packets that come before the CONNACK; it takes `null` for none. */
  _queue: unknown
}

type Reached = 'id' | 'clean' | 'version' | 'connecting' | 'connected'

export interface GuardedClient extends Omit<Client, 'conn' | 'subscriptions' | Reached>, Record<'_authorized' | 'connackSent' | 'connecting' | 'connected' | 'clean', boolean> {
  id: string
  version: number
  conn: Connection
  will: PublishPacket | null
  _will: PublishPacket | null
  _disconnected: boolean
  readonly _nextBatch: (error?: Error) => void
  _connectTimer: NodeJS.Timeout | null
  _parser: ReplacedParser
}

interface Registry {
  readonly clients: Readonly<Record<string, unknown>>
  registerClient(client: GuardedClient): void
}

/** Stands where Aedes' parser was: nothing of it is used. One for all. */
const NO_PARSER: ReplacedParser = { removeAllListeners: () => undefined, _queue: null }

/** Takes the reading of a connection from Aedes. */
export function takeReading(client: GuardedClient, read: (chunk: Buffer) => void): void {
  client._parser = NO_PARSER
  client.conn.removeListener('readable', client._nextBatch)
  client.conn.on('data', read)
}

/** The CONNECT has come, so it is no longer waited for. */
export function stopWaitingForConnect(client: GuardedClient): void {
  if (client._connectTimer) clearTimeout(client._connectTimer)
  client._connectTimer = null
}

/** Whether a client of this name is connected. */
export function isTaken(aedes: object, id: string): boolean {
  return (aedes as Registry).clients[id] !== undefined
}

/** Makes a client that is let in known to Aedes, which closes the one of the same name before it [MQTT-3.1.4-2]. Its will counts from now on. */
export function register(aedes: object, client: GuardedClient): void {
  client._authorized = true
  client.will = client._will
  ;(aedes as Registry).registerClient(client)
}

/** The will of the CONNECT; it is nobody's until the client is let in. */
export function askForWill(client: GuardedClient, will: PublishPacket | null): void {
  client._will = will
}

/** Changes the will a client asked for, before it counts. */
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

/** Stops the search for wills of brokers that died. */
export function forgetStaleWills(aedes: object): void {
  clearInterval((aedes as { readonly _clearWillInterval: NodeJS.Timeout })._clearWillInterval)
}

/** The same client with its inner parts visible; the only such cast. */
export function insideOf(client: Client): GuardedClient {
  return client as unknown as GuardedClient
}
