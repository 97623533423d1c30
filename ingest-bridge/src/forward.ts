import type { Clock } from '@vigil/contract'
import type { HealthFact, Log } from '@vigil/program'
import type { Registry } from 'prom-client'
import type { Bridge } from './bridge.ts'
import { createForwardMetrics } from './metrics.ts'
import { createRoom } from './pipeline/room.ts'
import type { AmqpAddress } from './sources/amqp-address.ts'
import { AmqpQueue } from './sources/amqp-queue.ts'
import type { Delivery, Source } from './sources/source.ts'

export interface ForwardParts {
  readonly source: Source
  readonly amqp: AmqpAddress
  /** Names this process among the peer's clients. */
  readonly bridgeId: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly metrics: Registry
  readonly limits?: { readonly objects: number; readonly bytes: number }
}

export type Forward = Omit<Bridge, 'rollUpNow' | 'closeNow' | 'storeWavesNow'>

/** How long a stop waits for the peer to accept what is in hand. */
const FINISH_WITHIN_MS = 4_000

/** From the broker into an AMQP queue: a message is acknowledged to the broker once the queue has it, and not before. */
export function startForwardWith({ source, amqp, bridgeId, clock, random, log, ...parts }: ForwardParts): Forward {
  const metrics = createForwardMetrics(parts.metrics)
  const room = createRoom(parts.limits)
  const queue = new AmqpQueue({ ...amqp, containerId: bridgeId, clock, random, log, onNotAccepted: (how) => metrics.notAccepted.labels(how).inc() })
  let onEmpty: (() => void) | undefined
  const facts = (): readonly HealthFact[] => [
    { name: source.name, ok: source.facts().connected, detail: source.facts().detail },
    { name: 'amqp', ok: queue.facts().connected, detail: queue.facts().detail },
    { name: 'room', ok: !room.isFull(), detail: `${room.objects} messages waiting` },
  ]
  metrics.watch({ waiting: () => room.objects, bytes: () => room.bytes, mqtt: () => source.facts().connected, amqp: () => queue.facts().connected })

  const forward = (delivery: Delivery): void => {
    const bytes = delivery.payload.length
    if (!room.take(1, bytes)) {
      metrics.refused.inc()
      room.turnedAway()
      return delivery.settle('released')
    }
    queue.put(delivery, () => {
      metrics.forwarded.inc()
      delivery.settle('stored')
      if (room.give(1, bytes)) source.roomAgain()
      if (room.objects === 0) onEmpty?.()
    })
  }
  queue.start()
  source.start({ onDelivery: forward })

  return {
    async ready() {
      await Promise.all([source.ready(), queue.ready()])
    },
    health: facts,
    async stop() {
      await source.pause()
      const empty = Promise.withResolvers<void>()
      onEmpty = empty.resolve
      const giveUp = clock.after(FINISH_WITHIN_MS, empty.resolve)
      if (room.objects > 0 && queue.facts().connected) await empty.promise
      giveUp()
      await queue.stop()
      await source.stop()
    },
  }
}
