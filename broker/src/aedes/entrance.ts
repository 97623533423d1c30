import { randomUUID } from 'node:crypto'
import type { Aedes, ConnectPacket, PublishPacket } from 'aedes'
import { encodeConnack } from '../protocol/encode.ts'
import type { House } from '../protocol/house.ts'
import { VERSION } from '../refusals.ts'
import { askForWill, type GuardedClient, isTaken, register, stopWaitingForConnect } from './internals.ts'

/** How a client comes in. */
export interface Entry {
  /** Whether its session is still there. */
  readonly isPresent: boolean
  /** Seconds after which it has promised to say something, 0 for never. */
  readonly keepaliveS: number
}

export interface EntranceOptions {
  readonly aedes: Aedes
  readonly house: Pick<House, 'preConnect' | 'authenticate' | 'saysWillAtTakeover'>
  /** Whether something is kept for this client from before. */
  readonly isKept: (clientId: string) => boolean
  /** Takes the will off whoever has this session at the moment. */
  readonly takeWillOff: (clientId: string) => void
  /** The client is in: its CONNACK is for the session to send. */
  readonly onEntered: (client: GuardedClient, entry: Entry) => void
}

export type Entrance = (client: GuardedClient, packet: ConnectPacket) => void

/** Codes a CONNACK may carry for a client that is not let in (table 3.1). */
const [FIRST_CODE, LAST_CODE, NOT_AUTHORISED] = [2, 5, 5]
const VERSIONS: ReadonlySet<number> = new Set([3, 4])

/**
 * CONNECT with Aedes' own client and registry, in the order of its `handlers/connect.js`, without the steps that serve a store behind it: two streams in a
 * pipeline, an abort with its stack, a dozen promises and eight turns for each client. A ward whose network comes back is thousands of them at once.
 */
export function createEntrance({ aedes, house, isKept, takeWillOff, onEntered }: EntranceOptions): Entrance {
  return (client, packet) => {
    stopWaitingForConnect(client)
    client.connecting = true
    house.preConnect(client, packet, (error, isLet) => {
      if (!error && isLet) return ask(client, packet)
      client.connecting = false
      if (error) client.emit('error', error)
    })
  }

  function ask(client: GuardedClient, packet: ConnectPacket): void {
    // [MQTT-3.1.2-2]
    const { protocolVersion = 4 } = packet
    if (!VERSIONS.has(protocolVersion)) return turnAway(client, VERSION, new Error('unacceptable protocol version'))
    client.version = protocolVersion
    // [MQTT-3.1.3-6]
    client.id = packet.clientId || randomUUID()
    client.clean = packet.clean ?? false
    askForWill(client, willOf(packet))
    house.authenticate(client, packet.username, packet.password, (error, isLet) => {
      // It, or the broker, may be gone by the time the answer comes.
      if (client.closed || aedes.closed) return
      if (!error && isLet) return enter(client, packet)
      const { returnCode = NOT_AUTHORISED } = error ?? {}
      turnAway(client, returnCode >= FIRST_CODE && returnCode <= LAST_CODE ? returnCode : NOT_AUTHORISED, error ?? new Error('not authorised'))
    })
  }

  function enter(client: GuardedClient, packet: ConnectPacket): void {
    const isPresent = !client.clean && isKept(client.id)
    if (isPresent && !house.saysWillAtTakeover) takeWillOff(client.id)
    const isTakeover = isTaken(aedes, client.id)
    register(aedes, client)
    const begin = (): void => {
      if (client.closed) return
      client.connecting = false
      client.connected = client.connackSent = true
      onEntered(client, { isPresent, keepaliveS: packet.keepalive ?? 0 })
    }
    // The will of the connection before goes first: it must not follow what the new one has to say.
    if (isTakeover) setImmediate(begin)
    else begin()
  }
}

function willOf({ will }: ConnectPacket): PublishPacket | null {
  return will ? { cmd: 'publish', dup: false, qos: 0, retain: false, ...will } : null
}

/** A CONNACK with a code, then the end [MQTT-3.2.2-5]. */
function turnAway(client: GuardedClient, returnCode: number, error: Error): void {
  client.conn.write(encodeConnack(returnCode))
  setImmediate(() => {
    client.close(() => {
      client.connecting = false
      client.emit('error', error)
    })
  })
}
