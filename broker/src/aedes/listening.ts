import { type AedesOptions } from 'aedes'
import { type BrokerMetrics } from '../broker-metrics.ts'
import { type BrokerLimits } from '../limits.ts'
import { type Refusals } from '../refusals.ts'
import { mayReceive, maySubscribe } from '../rights/rights.ts'
import { factsOf, type Sessions } from '../session.ts'
import { insideOf } from './internals.ts'

export interface ListeningOptions {
  readonly sessions: Sessions
  readonly limits: BrokerLimits
  readonly refusals: Refusals
  readonly metrics: BrokerMetrics
}

/** Who hears what: asked at SUBSCRIBE, where a refusal is answered with 0x80, and again for every message. */
export function createListeningRule({ sessions, limits, refusals, metrics }: ListeningOptions): Pick<Required<AedesOptions>, 'authorizeSubscribe' | 'authorizeForward'> {
  return {
    authorizeSubscribe(client, subscription, done) {
      const session = sessions.of(client)
      const identity = session?.signedIn?.identity
      const hasRoom = Object.keys(insideOf(client).subscriptions).length < limits.subscriptions
      if (identity && hasRoom && maySubscribe(identity, subscription.topic)) return done(null, subscription)
      refusals.note('subscribe_right', { ...(session ? factsOf(session) : {}), filter: subscription.topic })
      done(null, null)
    },
    authorizeForward(client, packet) {
      const identity = sessions.of(client)?.signedIn?.identity
      if (!identity || !mayReceive(identity, packet.topic)) return null
      metrics.delivered(identity.role)
      return packet
    },
  }
}
