import { type IPacket, type IPublishPacket, type ISubscribePacket, type IUnsubscribePacket } from 'mqtt-packet'
import { type Clock } from '@vigil/contract'
import { parserOf } from '../aedes/internals.ts'
import { type BrokerLimits } from '../limits.ts'
import { type RefusalFacts, type RefusalReason } from '../refusals.ts'
import { type Session } from '../session.ts'
import { createTokenBucket } from './token-bucket.ts'

type Refuse = (reason: RefusalReason, facts?: RefusalFacts) => void
type Problem = RefusalReason | undefined

/** What a client may send; the rest of QoS 2 has no meaning where QoS 2 is not offered. */
const CLIENT_PACKETS: ReadonlySet<string> = new Set(['connect', 'publish', 'puback', 'subscribe', 'unsubscribe', 'pingreq', 'disconnect'])
const TOPIC = /^[A-Za-z0-9_$/-]+$/
const FILTER = /^[A-Za-z0-9_$/+#-]+$/

/** Looks at every whole packet before Aedes does. */
export function guardPackets(session: Session, { limits, clock, refuse }: { limits: BrokerLimits; clock: Clock; refuse: Refuse }): void {
  const parser = parserOf(session.client)
  const [handle] = parser.listeners('packet') as ((packet: IPacket) => void)[]
  const control = createTokenBucket({ perSecond: limits.controlPerSecond, burst: limits.controlBurst, clock })
  parser.removeAllListeners('packet')
  parser.on('packet', (packet: IPacket) => {
    if (session.refused) return
    const problem = problemOf(packet, limits) ?? (isPaced(packet) && !control.tryTake(1) ? 'control_rate' : undefined)
    if (problem) refuse(problem, { packet: packet.cmd })
    else handle?.call(parser, packet)
  })

  /** Our own programs acknowledge whatever all devices say, so only devices and strangers are counted. */
  function isPaced(packet: IPacket): boolean {
    const role = session.signedIn?.identity.role
    return packet.cmd !== 'publish' && (role === undefined || role === 'device')
  }
}

function problemOf(packet: IPacket, limits: BrokerLimits): Problem {
  if (packet.cmd === 'publish') return publishProblem(packet as IPublishPacket, limits)
  if (packet.cmd === 'subscribe') return subscribeProblem(packet as ISubscribePacket, limits)
  if (packet.cmd === 'unsubscribe') return filtersProblem(packet, (packet as IUnsubscribePacket).unsubscriptions, limits)
  return CLIENT_PACKETS.has(packet.cmd) ? undefined : 'protocol_order'
}

function publishProblem(packet: IPublishPacket, limits: BrokerLimits): Problem {
  if (packet.qos === 2) return 'qos2'
  if (packet.qos === 1 && !hasPacketId(packet)) return 'malformed'
  return fits(packet.topic, TOPIC, limits) ? undefined : 'topic'
}

function subscribeProblem(packet: ISubscribePacket, limits: BrokerLimits): Problem {
  // Nothing here is delivered at QoS 2, and the SUBACK has to say so [MQTT-3.8.4-6].
  for (const subscription of packet.subscriptions) if (subscription.qos === 2) subscription.qos = 1
  return filtersProblem(packet, packet.subscriptions.map(({ topic }) => topic), limits)
}

function filtersProblem(packet: IPacket, filters: readonly string[], limits: BrokerLimits): Problem {
  if (filters.length === 0 || !hasPacketId(packet)) return 'malformed'
  if (filters.length > limits.subscriptions) return 'subscriptions'
  return filters.every((filter) => fits(filter, FILTER, limits)) ? undefined : 'topic'
}

/** [MQTT-2.3.1-1]: a packet identifier is there and is not 0. */
function hasPacketId({ messageId = 0 }: IPacket): boolean {
  return messageId > 0
}

function fits(text: string, allowed: RegExp, limits: BrokerLimits): boolean {
  return text.length <= limits.topicBytes && allowed.test(text) && text.split('/').length <= limits.topicLevels && !text.includes('//')
}
