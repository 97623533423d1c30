import type { ConnectPacket, PublishPacket } from 'aedes'
import { isName, parseTopic, topicOf, type DeviceAddress } from '@vigil/contract'
import { readAlinkUserName } from '@vigil/contract/alink/index'
import { sessionName, type SessionName } from '../identity/client-id.ts'
import { readPhoneUserName } from '../identity/phone-sign-in.ts'
import type { BrokerLimits } from '../limits.ts'
import { BAD_CREDENTIALS, IDENTIFIER, Refusal, VERSION } from '../refusals.ts'
import type { Identity } from '../rights/rights.ts'

const MQTT_3_1_1 = 4

export interface Accepted {
  readonly username: string
  /** As the client wrote it. */
  readonly clientId: string
  readonly name: SessionName
}

/**
 * Checks a CONNECT before anybody asks who it is, and gives the session its inner name.
 * @throws Refusal with the code for the CONNACK.
 */
export function checkConnect(packet: ConnectPacket, services: ReadonlySet<string>, limits: BrokerLimits): Accepted {
  const { username = '', password, will } = packet
  const alink = readAlinkUserName(username) !== undefined
  const problem = formProblem(packet, alink ? limits.alinkKeepaliveSeconds : limits.keepaliveSeconds)
  if (problem) throw problem
  // One session for each device; the client id says how it signs. Its will would be on a topic of its cloud: presence is told by us.
  if (alink && password !== undefined) return { username, clientId: packet.clientId, name: { kind: 'primary', id: username } }
  if (!isUserName(username) || password === undefined) throw new Refusal('credentials', BAD_CREDENTIALS)
  const name = sessionName(username, packet.clientId)
  if (!name) throw new Refusal('client_id', IDENTIFIER)
  if (will && (services.has(username) || !isWillAllowed(name, will.topic))) throw new Refusal('will', IDENTIFIER)
  return { username, clientId: packet.clientId, name }
}

function isUserName(text: string): boolean {
  return isName(text) || readPhoneUserName(text) !== undefined
}

function formProblem({ clientId, clean, keepalive = 0, protocolId, protocolVersion }: ConnectPacket, longestKeepalive: number): Refusal | undefined {
  if (protocolId !== 'MQTT' || protocolVersion !== MQTT_3_1_1) return new Refusal('protocol_version', VERSION)
  // A client id may be empty only where nothing is kept under it [MQTT-3.1.3-8].
  if (clientId === '' && clean === false) return new Refusal('client_id', IDENTIFIER)
  // There is no code for this; the identifier is what the specification lets a server refuse for any reason.
  const keepsAlive = keepalive >= 1 && keepalive <= longestKeepalive
  return keepsAlive ? undefined : new Refusal('keepalive', IDENTIFIER)
}

/** Whether a session is kept while its client is away: only a device's own, and only for commands and configuration. */
export function isKept(name: SessionName, services: ReadonlySet<string>): boolean {
  return name.kind === 'primary' && !services.has(name.id) && isName(name.id)
}

/** A will speaks of presence, so only the device's own session has one, on the device's own state topic. */
function isWillAllowed(name: SessionName, topic: string): boolean {
  const parsed = parseTopic(topic)
  return name.kind === 'primary' && parsed?.device === name.id && parsed.channel === 'state'
}

/** The will of a session once its site is known: always acknowledged, always kept. */
export function willOf(identity: Identity, name: SessionName, own: PublishPacket | null): PublishPacket | null {
  if (identity.role === 'device' && identity.alink) return lostWill(identity)
  if (!own || identity.role !== 'device' || name.kind !== 'primary') return null
  if (own.topic !== topicOf(identity, 'state')) throw new Refusal('will', IDENTIFIER)
  return { ...own, qos: 1, retain: true }
}

/** What the broker itself says of a device whose session ended without a goodbye. */
export function lostWill(address: DeviceAddress): PublishPacket {
  return { cmd: 'publish', topic: topicOf(address, 'state'), payload: Buffer.from('{"st":"lost"}'), qos: 1, retain: true, dup: false }
}
