import { type EventEmitter } from 'node:events'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import { type Clock, ROOT } from '@vigil/contract'
import { type Log } from '@vigil/program'
import { type BrokerMetrics } from '../broker-metrics.ts'
import { guardDelivery, type DeliveryGuard } from '../guard/delivery-guard.ts'
import { guardPackets } from '../guard/packet-guard.ts'
import { guardParser } from '../guard/parser-guard.ts'
import { type SignInOptions } from '../identity/sign-in.ts'
import { type BrokerLimits } from '../limits.ts'
import { type Welcome } from '../listen/listener.ts'
import { type CommittedAcks } from '../puback/committed-acks.ts'
import { Refusal, type RefusalReason, type Refusals } from '../refusals.ts'
import { factsOf, type Sessions } from '../session.ts'
import { createDoor } from './door.ts'
import { type AwayQueues, boundStore } from './away-queue.ts'
import { type AedesInternals, forgetStaleWills, insideOf } from './internals.ts'
import { createListeningRule } from './listening.ts'
import { createPublishRule } from './publish.ts'

export interface GuardedBrokerOptions {
  readonly sessions: Sessions
  readonly limits: BrokerLimits
  readonly refusals: Refusals
  readonly clock: Clock
  readonly log: Log
  readonly metrics: BrokerMetrics
  readonly acks: CommittedAcks
  readonly signIn: SignInOptions
}

export interface GuardedBroker {
  readonly welcome: Welcome
  readonly away: AwayQueues
  /** Says a device's message once more to who listens now. */
  sayAgain(topic: string, payload: Buffer): void
  /** Forgets what the store keeps for a device that is gone. */
  readonly forget: (device: string) => Promise<void>
  close(): Promise<void>
}

/** Aedes with memory persistence only, every hook taken and every guard in place. */
export async function createGuardedBroker(options: GuardedBrokerOptions): Promise<GuardedBroker> {
  const { sessions, limits, log } = options
  const deliveries = new WeakMap<object, DeliveryGuard>()
  const services = new Set(Object.keys(options.signIn.services))
  const door = createDoor({ ...options, services })
  const aedes = new Aedes({
    // Nobody's message waits for somebody else's reader, so there is nothing to be concurrent about.
    concurrency: 0,
    connectTimeout: limits.connectTimeoutMs,
    maxTopicLevels: limits.topicLevels,
    preConnect: door.preConnect,
    authenticate: door.authenticate,
    authorizePublish: createPublishRule(options),
    ...createListeningRule(options),
  }) as AedesInternals
  await aedes.listen()
  // Wills of a broker that died are for stores that outlive it. Ours does not; after a long freeze (a laptop's lid) it would
  // take itself for dead and publish the wills of everyone who is connected.
  forgetStaleWills(aedes)
  const away = boundStore(aedes.persistence, options)
  const events: EventEmitter = aedes
  events.on('error', (error: unknown) => log.error({ err: error }, 'broker.internal_error'))
  aedes.on('clientError', told)
  aedes.on('connectionError', told)
  aedes.on('subscribe', (_subscriptions, client) => {
    if (sessions.of(client)?.signedIn?.identity.role === 'bridge') options.acks.bridgeListens()
  })
  aedes.on('ack', (_packet, client) => deliveries.get(client)?.acknowledged())

  return {
    away,
    welcome(connection, peer) {
      const client = insideOf(aedes.handle(connection))
      const session = sessions.open(client, peer)
      const refuse = (reason: RefusalReason, facts = {}) => sessions.refuse(session, reason, facts)
      guardParser(session, limits, refuse)
      guardPackets(session, { limits, clock: options.clock, refuse })
      deliveries.set(client, guardDelivery(session, limits, refuse))
    },
    sayAgain: (topic, payload) => aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () => undefined),
    async forget(device) {
      away.forget(device)
      await aedes.persistence.cleanSubscriptions({ id: device })
      await forgetRetained(aedes, device)
    },
    close: () => new Promise((resolve) => aedes.close(resolve)),
  }

  /** Aedes ends a connection for a reason of its own, or the network does. */
  function told(client: Client, error: Error): void {
    const session = sessions.of(client)
    if (!session || session.refused || error instanceof Refusal) return
    const reason = reasonOf(error)
    if (reason) sessions.refuse(session, reason, { why: error.message })
    else log.debug({ ...factsOf(session), why: error.message }, 'broker.connection_lost')
  }
}

/** Whoever is registered under the same name later must not find the configuration of the one before. */
async function forgetRetained({ persistence }: AedesInternals, device: string): Promise<void> {
  const kept: PublishPacket[] = []
  for await (const packet of persistence.createRetainedStreamCombi([`${ROOT}/+/${device}/#`])) kept.push(packet)
  for (const packet of kept) await persistence.storeRetained({ ...packet, payload: Buffer.alloc(0) })
}

/** Aedes' own words for what it closes a connection for; the network's errors carry a code and are nobody's fault. */
function reasonOf(error: Error & { readonly code?: string }): RefusalReason | undefined {
  if (error.message === 'connect did not arrive in time') return 'connect_timeout'
  if (error.message === 'keep alive timeout') return 'keepalive_timeout'
  return error.code === undefined ? 'protocol_order' : undefined
}
