import type { Clock } from '@vigil/contract'
import { createTokenBucket, type TokenBucket } from '../guard/token-bucket.ts'
import type { BrokerLimits } from '../limits.ts'
import type { PacketIn, PublishIn } from '../protocol/packets.ts'
import type { RefusalReason } from '../refusals.ts'
import { topicParts } from '../rights/rights.ts'
import type { Session } from '../session.ts'

type Problem = RefusalReason | undefined

/** The rest of QoS 2 has no meaning where QoS 2 is not offered. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['pubrec', 'pubrel', 'pubcomp'])
const TOPIC = /^[A-Za-z0-9_$/-]+$/
/** Names of Alink have a few characters more, and its topics a level. */
const ALINK = /^[A-Za-z0-9_$/.@:+#-]+$/
const FILTER = /^[A-Za-z0-9_$/+#-]+$/

/** Looks at every well-formed packet before it is acted on. */
export function createPacketRules(limits: BrokerLimits, clock: Clock): (session: Session, packet: PacketIn) => Problem {
  const forOthers: Allowed = { topic: TOPIC, filter: FILTER, levels: limits.topicLevels, limits }
  const forAlink: Allowed = { topic: ALINK, filter: ALINK, levels: limits.topicLevels + 1, limits }
  const buckets = new WeakMap<Session, TokenBucket>()
  const bucketOf = (session: Session): TokenBucket => {
    const known = buckets.get(session)
    if (known) return known
    const bucket = createTokenBucket({ perSecond: limits.controlPerSecond, burst: limits.controlBurst, clock })
    buckets.set(session, bucket)
    return bucket
  }
  return (session, packet) => {
    const allowed = isAlink(session) ? forAlink : forOthers
    if (packet.cmd === 'publish') return publishProblem(packet, allowed)
    return problemOf(packet, allowed) ?? (isPaced(session) && !bucketOf(session).tryTake(1) ? 'control_rate' : undefined)
  }
}

/** Our own programs acknowledge whatever all devices say, so only devices, phones and strangers are counted. */
function isPaced({ signedIn }: Session): boolean {
  const role = signedIn?.identity.role ?? 'device'
  return role === 'device' || role === 'phone'
}

interface Allowed {
  readonly topic: RegExp
  readonly filter: RegExp
  readonly levels: number
  readonly limits: BrokerLimits
}

function isAlink({ signedIn }: Session): boolean {
  return signedIn?.identity.role === 'device' && signedIn.identity.alink !== undefined
}

function problemOf(packet: PacketIn, allowed: Allowed): Problem {
  if (packet.cmd === 'subscribe') return filtersProblem(packet.subscriptions.map(({ topic }) => topic), allowed)
  if (packet.cmd === 'unsubscribe') return filtersProblem(packet.unsubscriptions, allowed)
  return NOT_OFFERED.has(packet.cmd) ? 'protocol_order' : undefined
}

function publishProblem({ qos, topic }: PublishIn, allowed: Allowed): Problem {
  if (qos === 2) return 'qos2'
  // A topic of ours is well-formed whatever its names are.
  return topicParts(topic) || fits(topic, allowed.topic, allowed) ? undefined : 'topic'
}

function filtersProblem(filters: readonly string[], allowed: Allowed): Problem {
  if (filters.length > allowed.limits.subscriptions) return 'subscriptions'
  return filters.every((filter) => fits(filter, allowed.filter, allowed)) ? undefined : 'topic'
}

function fits(text: string, characters: RegExp, { levels, limits }: Allowed): boolean {
  return text.length <= limits.topicBytes && characters.test(text) && text.split('/').length <= levels && !text.includes('//')
}
