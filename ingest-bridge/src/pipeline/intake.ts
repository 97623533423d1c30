import type { BridgeMetrics } from '../metrics.ts'
import type { Delivery } from '../sources/source.ts'
import type { Decoder } from './decode.ts'
import type { Item } from './item.ts'
import type { Notice } from './notice.ts'
import { topicParts } from './open-message.ts'
import type { Room } from './room.ts'

/** A message on its way into the database. */
export interface Pending {
  readonly items: readonly Item[]
  readonly bytes: number
  readonly receivedAt: number
  readonly delivery: Delivery
}

export interface IntakeOptions {
  readonly decoder: Decoder
  readonly room: Room
  readonly metrics: BridgeMetrics
  readonly accept: (pending: Pending) => void
  readonly onState: (delivery: Delivery) => void
  readonly onWave: (delivery: Delivery) => void
  readonly onNotice: (notice: Notice) => void
}

/** The door: reads each delivery, and lets in what there is room for. */
export function createIntake({ decoder, room, metrics, accept, onState, onWave, onNotice }: IntakeOptions): (delivery: Delivery) => void {
  const refuse = (delivery: Delivery, why: 'full' | 'does_not_fit') => {
    metrics.refused.labels(why).inc()
    room.turnedAway()
    delivery.settle('released')
  }

  // Looked up once, not for every message.
  const counters = new Map<string, { inc(by: number): void }>()
  const received = (channel: string) => {
    const known = counters.get(channel) ?? metrics.received.labels(channel)
    counters.set(channel, known)
    return known
  }

  return (delivery) => {
    const channel = topicParts(delivery.topic)?.channel
    if (channel === 'state') return onState(delivery)
    if (channel?.startsWith('wave/')) return onWave(delivery)
    if (room.isFull()) return refuse(delivery, 'full')
    const { items, notices } = decoder.decode(delivery)
    const bytes = delivery.payload.length
    if (!room.take(items.length, bytes)) return refuse(delivery, 'does_not_fit')
    received(channel ?? 'other').inc(items.length)
    for (const notice of notices) onNotice(notice)
    accept({ items, bytes, receivedAt: delivery.receivedAt, delivery })
  }
}
