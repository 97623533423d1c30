import type { Registry } from 'prom-client'
import { counters, gauges } from '../metrics.ts'

/** The figures of the server-side subscription. */
export function createSubscriptionMetrics(registry: Registry, { consumers, messages }: { consumers: () => number; messages: () => number }) {
  const counter = counters(registry)
  const gauge = gauges(registry)
  gauge('consumers', 'Consumers connected with a link', consumers)
  gauge('feed_messages', 'Messages of the feed in memory, offered or about to be', messages)
  return {
    offered: counter('feed_offered_total', 'Messages offered to consumers, again ones included'),
    outcomes: counter('feed_outcomes_total', 'What consumers said of them', ['outcome']),
    missed: counter('feed_missed_total', 'Messages given up because a group was behind for longer than they are kept'),
    ended: counter('consumer_connections_ended_total', 'Connections of consumers that ended, however'),
  }
}
