import { MAX_TELEMETRY_BYTES, topicOf } from '@vigil/contract'
import type { BridgeMetrics } from '../metrics.ts'
import { topicParts } from './open-message.ts'
import { readPack } from './senml.ts'
import type { Delivery, Publisher } from '../sources/source.ts'

/** What waited longer than this in a queue is a backlog by now: it fills history, and must not pass for live. */
const LIVE_WITHIN_MS = 60_000

/**
 * Sends what came by another door than the broker to the live lane, before anything waits for the database. The central station
 * drops by `(epoch, seq)` what it has seen, so a redelivery does no harm.
 */
export function createLiveLane({ publisher, metrics, now }: { publisher: Publisher; metrics: Pick<BridgeMetrics, 'live'>; now: () => number }): (delivery: Delivery) => void {
  return ({ topic, payload, receivedAt }) => {
    const parsed = topicParts(topic)
    // A monitor's own alarms are as live as its values. Backlog has no place in the live lane; what is too large is a dead letter.
    if ((parsed?.channel !== 'tele' && parsed?.channel !== 'event') || payload.length > MAX_TELEMETRY_BYTES) return
    if (now() - receivedAt > LIVE_WITHIN_MS) return metrics.live.labels('too_old').inc()
    metrics.live.labels(publisher.publish(topicOf(parsed, 'live'), payload) ? 'published' : 'broker_away').inc()
  }
}

/**
 * A pack of SenML came by the broker, but the live lane reads telemetry only: it goes there once more as that. Anything else has been heard
 * there already.
 */
export function createPackLane(live: (delivery: Delivery) => void): (delivery: Delivery) => void {
  return (delivery) => {
    const pack = topicParts(delivery.topic)?.channel === 'tele' && delivery.payload.length <= MAX_TELEMETRY_BYTES ? readPack(delivery.payload, delivery.receivedAt) : undefined
    if (pack && pack.objects.length > 0) live({ ...delivery, payload: Buffer.from(JSON.stringify(pack.objects)) })
  }
}
