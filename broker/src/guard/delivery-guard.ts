import { type BrokerLimits } from '../limits.ts'
import { type RefusalFacts, type RefusalReason } from '../refusals.ts'
import { type Session } from '../session.ts'

type Refuse = (reason: RefusalReason, facts?: RefusalFacts) => void

export interface DeliveryGuard {
  /** Told of each PUBACK of this client. */
  acknowledged(): void
}

/**
 * Guards on what goes out to one client. Nobody ever waits for a reader: a paused subscriber stalled every topic for a minute
 * without this. What it does not read is buffered up to a bound, then it is cut; it comes back and catches up.
 */
export function guardDelivery(session: Session, limits: BrokerLimits, refuse: Refuse): DeliveryGuard {
  const { client, peer } = session
  let unacknowledged = 0

  client.waitForDrain = (done) => {
    const queued = peer.queuedBytes()
    if (queued > most(limits.queuedBytesPerDevice, limits.queuedBytesPerService)) refuse('slow_reader', { queued })
    setImmediate(done, null, client)
  }

  const deliverQoS = client.deliverQoS.bind(client)
  client.deliverQoS = (packet, done) => {
    if (packet.qos > 0 && client.subscriptions[packet.topic]?.qos !== 0) unacknowledged += 1
    if (unacknowledged > most(limits.unackedPerDevice, limits.unackedPerService)) refuse('unacknowledged', { unacknowledged })
    deliverQoS(packet, done)
  }

  // Aedes takes a message that overtook another for a duplicate and drops it. There is one broker and nothing arrives twice.
  client.duplicates = new Proxy<Record<string, number>>({}, { get: () => 0, set: () => true })

  return {
    acknowledged() {
      unacknowledged = Math.max(0, unacknowledged - 1)
    },
  }

  function most(forDevice: number, forService: number): number {
    return (session.signedIn?.identity.role ?? 'device') === 'device' ? forDevice : forService
  }
}
