import type { AedesOptions, PublishPacket } from 'aedes'
import type { AlinkAdapter } from '../alink/alink-adapter.ts'
import type { BrokerMetrics } from '../broker-metrics.ts'
import { createPacer, type Pacer } from '../guard/pacer.ts'
import { type Clock, type DeviceAddress, phoneOfTopic, topicOf } from '@vigil/contract'
import type { PhoneDoor } from '../phone/phone-door.ts'
import type { BrokerLimits } from '../limits.ts'
import type { CommittedAcks } from '../puback/committed-acks.ts'
import { Refusal, type Refusals } from '../refusals.ts'
import { type Identity, isRetainedTopic, mayPublish, topicParts } from '../rights/rights.ts'
import { factsOf, type Session, type Sessions } from '../session.ts'
import { lostWill } from './connect.ts'

export interface PublishOptions {
  readonly sessions: Sessions
  readonly limits: BrokerLimits
  readonly refusals: Refusals
  readonly clock: Clock
  readonly metrics: BrokerMetrics
  readonly acks: CommittedAcks
  readonly alink: AlinkAdapter
  readonly phones: PhoneDoor
}

/** The one topic that is no device's. */
const BEACON = { channel: '$time', device: '' }

type AuthorizePublish = NonNullable<AedesOptions['authorizePublish']>

/**
 * What happens to every message before it is acknowledged and passed on. MQTT 3.1.1 has no way to refuse one message: a client that
 * is told nothing sends it again for ever, so the connection is closed and the log says why.
 */
export function createPublishRule({ sessions, limits, refusals, clock, metrics, acks, alink, phones }: PublishOptions): AuthorizePublish {
  const pacerOf = createPacers(limits, clock)

  return (client, packet, done) => {
    const session = sessions.of(client)
    const identity = session?.signedIn?.identity
    if (!session || !identity) return done(new Refusal('publish_right'))
    if (isWill(session, packet)) return done(maySayAsWill(identity, packet.topic) ? null : new Refusal('publish_right'))
    if (!mayPublish(identity, packet.topic)) return refuse(session, 'publish_right', packet, done)
    tidyRetain(session, packet)
    if (packet.retain && packet.payload.length > limits.retainedBytes) return refuse(session, 'retained_size', packet, done)
    const next = () => pass(session, identity, packet, done)
    if (identity.role !== 'device') return next()
    if (!pacerOf(session).pass(packet.payload.length, next)) refuse(session, 'message_rate', packet, done)
  }

  function pass(session: Session, identity: Identity, packet: PublishPacket, done: (error?: Error | null) => void): void {
    // Too late for an acknowledgement, so the client says it again.
    if (packet.qos > 0 && session.client.conn.destroyed) return
    if (identity.role === 'device' && identity.alink) return passAlink(session, packet, done)
    if (identity.role === 'phone') return passExport(session, identity.phone, packet, done)
    const when = acks.decide(session, packet)
    if (when === 'full') return refuse(session, 'unreceipted', packet, done)
    // Without a QoS nothing is acknowledged, and the message still passes on.
    if (when === 'later') packet.qos = 0
    const { channel, device } = topicParts(packet.topic) ?? BEACON
    if (identity.role === 'device') givePresenceAnEnd(session, identity, channel)
    else tellAdapters(device, channel, packet)
    metrics.published(identity.role, channel)
    done(null)
  }

  /** What one of our programs says to a device: whoever stands in for the device has to know. */
  function tellAdapters(device: string, channel: string, packet: PublishPacket): void {
    const phone = phoneOfTopic(packet.topic, 'answer')
    if (phone !== undefined) return phones.answered(phone, packet.payload as Buffer)
    if (channel === 'receipt') acks.receipt(packet)
    alink.heard(device, channel, packet.payload as Buffer)
  }

  /** Nobody hears it as it is: the adapter says it in our words. */
  function passAlink(session: Session, packet: PublishPacket, done: (error?: Error | null) => void): void {
    metrics.published('device', 'alink')
    const isLossless = packet.qos === 1
    if (alink.said(session, packet) || !isLossless) return done(null)
    refuse(session, 'unreceipted', packet, done)
  }

  /** Neither acknowledged nor passed on from here: its door does both. */
  function passExport(session: Session, phone: string, packet: PublishPacket, done: (error: Error) => void): void {
    metrics.published('phone', 'export')
    if (!phones.said(session, phone, packet)) refuse(session, 'unreceipted', packet, done)
  }

  function tidyRetain(session: Session, packet: PublishPacket): void {
    // Presence is always kept, whatever the flag says, so that who asks later hears the same as who listened.
    if (topicParts(packet.topic)?.channel === 'state') packet.retain = true
    if (!packet.retain || isRetainedTopic(packet.topic)) return
    refusals.note('retain_flag', { ...factsOf(session), topic: packet.topic })
    packet.retain = false
  }

  function refuse(session: Session, reason: 'publish_right' | 'retained_size' | 'message_rate' | 'unreceipted', packet: PublishPacket, done: (error: Error) => void): void {
    sessions.refuse(session, reason, { topic: packet.topic, bytes: packet.payload.length })
    done(new Refusal(reason))
  }
}

function createPacers(limits: BrokerLimits, clock: Clock): (session: Session) => Pacer {
  const pacers = new WeakMap<Session, Pacer>()
  return (session) => {
    const known = pacers.get(session)
    if (known) return known
    const pacer = createPacer(clock, limits)
    pacers.set(session, pacer)
    // What was said before a goodbye counts; what someone said who had to be cut does not.
    session.onEnd.push(() => (session.refused ? pacer.stop() : pacer.flush()))
    return pacer
  }
}

/** A device that says it is there has a will from now on, also when it set none: presence must be able to end. */
function givePresenceAnEnd({ client, name }: Session, identity: DeviceAddress, channel: string): void {
  if (channel === 'state' && name?.kind === 'primary') client.will ??= lostWill(identity)
}

/** A device that speaks Alink may not say that itself; the will is one we have given it. */
function maySayAsWill(identity: Identity, topic: string): boolean {
  return mayPublish(identity, topic) || (identity.role === 'device' && topic === topicOf(identity, 'state'))
}

/** Aedes asks again about a will at the moment it is due. */
function isWill({ client }: Session, packet: PublishPacket): boolean {
  return client.closed && packet === client.will
}
