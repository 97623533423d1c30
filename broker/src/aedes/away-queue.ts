import { type AedesPublishPacket, type Subscription } from 'aedes'
import { Readable } from 'node:stream'
import { type Clock, parseTopic } from '@vigil/contract'
import { type BrokerLimits } from '../limits.ts'
import { type Refusals } from '../refusals.ts'
import { isKeptForAway, maySubscribe } from '../rights/rights.ts'
import { type Sessions } from '../session.ts'
import { type Persistence, type StoredPacket } from './internals.ts'

interface Kept {
  readonly packet: StoredPacket
  readonly at: number
}

export interface AwayQueues {
  /** Bytes kept for all devices. */
  bytes(): number
  forget(device: string): void
}

interface AwayQueueOptions {
  readonly sessions: Sessions
  readonly limits: BrokerLimits
  readonly refusals: Refusals
  readonly clock: Clock
}

/**
 * Puts our own bounded queue in the place of Aedes' unbounded one, and keeps out of the store what must not be in it:
 * nothing but commands and configuration waits for a device, and a subscription that was refused is not kept either
 * (Aedes stores the whole SUBSCRIBE, refused filters included).
 */
export function boundStore(persistence: Persistence, { sessions, limits, refusals, clock }: AwayQueueOptions): AwayQueues {
  const queues = new Map<string, Kept[]>()
  let bytesInAll = 0

  const drop = (device: string, queue: Kept[], index: number) => {
    const [dropped] = queue.splice(index, 1)
    bytesInAll -= dropped ? sizeOf(dropped.packet) : 0
    if (queue.length === 0) queues.delete(device)
  }
  const dropOldest = (device: string, queue: Kept[], reason: 'away_queue' | 'away_size' | 'away_age') => {
    refusals.note(reason, { device, topic: queue[0]?.packet.topic })
    drop(device, queue, 0)
  }
  const dropAged = (device: string, queue: Kept[]) => {
    while (queue[0] && clock.monotonic() - queue[0].at > limits.awayForMs) dropOldest(device, queue, 'away_age')
  }
  const keep = (device: string, packet: StoredPacket) => {
    const parsed = parseTopic(packet.topic)
    if (parsed?.device !== device || !isKeptForAway(packet.topic)) return
    const size = sizeOf(packet)
    if (size > limits.awayBytes || bytesInAll + size > limits.awayBytesInAll) return refusals.note('away_size', { device, topic: packet.topic })
    const queue = queues.get(device) ?? []
    dropAged(device, queue)
    while (queue.length >= limits.awayMessages) dropOldest(device, queue, 'away_queue')
    while (queue.length > 0 && bytesOf(queue) + size > limits.awayBytes) dropOldest(device, queue, 'away_size')
    // A copy: the payload is a window into the packet it came in, which would be kept whole.
    queue.push({ packet: { ...packet, payload: Buffer.from(packet.payload) }, at: clock.monotonic() })
    queues.set(device, queue)
    bytesInAll += size
  }

  persistence.outgoingEnqueue = async ({ clientId }, packet) => keep(clientId, packet)
  persistence.outgoingEnqueueCombi = async (subscriptions, packet) => {
    for (const { clientId } of subscriptions) keep(clientId, packet)
  }
  persistence.outgoingUpdate = async ({ id }, packet) => {
    // A message that is not kept (a receipt, or one dropped since) is sent all the same; it is just not sent again.
    const kept = queues.get(id)?.find(({ packet: { brokerCounter } }) => brokerCounter === packet.brokerCounter)
    if (kept && packet.messageId !== undefined) kept.packet.messageId = packet.messageId
  }
  persistence.outgoingClearMessageId = async ({ id }, { messageId }) => {
    const queue = queues.get(id) ?? []
    const index = messageId === undefined ? -1 : queue.findIndex(({ packet }) => packet.messageId === messageId)
    const found = queue[index]?.packet
    if (found) drop(id, queue, index)
    return found
  }
  persistence.outgoingStream = ({ id }) => {
    const queue = queues.get(id)
    if (queue) dropAged(id, queue)
    // What had a packet identifier was sent before, so it goes out marked as a repetition [MQTT-3.3.1-1].
    return Readable.from((queue ?? []).map(({ packet }): AedesPublishPacket => ({ ...packet, dup: packet.messageId !== undefined })))
  }
  keepOnlyGranted(persistence, sessions)
  copyRetained(persistence)

  return {
    bytes: () => bytesInAll,
    forget(device) {
      bytesInAll -= bytesOf(queues.get(device) ?? [])
      queues.delete(device)
    },
  }
}

function keepOnlyGranted(persistence: Persistence, sessions: Sessions): void {
  const addSubscriptions = persistence.addSubscriptions.bind(persistence)
  persistence.addSubscriptions = async (client, subscriptions: Subscription[]) => {
    const identity = sessions.of(client)?.signedIn?.identity
    const granted = subscriptions.filter(({ topic }) => identity !== undefined && maySubscribe(identity, topic))
    await addSubscriptions(client, granted)
  }
}

function copyRetained(persistence: Persistence): void {
  const storeRetained = persistence.storeRetained.bind(persistence)
  persistence.storeRetained = (packet) => storeRetained({ ...packet, payload: Buffer.from(packet.payload) })
}

function bytesOf(queue: readonly Kept[]): number {
  return queue.reduce((sum, { packet }) => sum + sizeOf(packet), 0)
}

function sizeOf(packet: StoredPacket): number {
  return Buffer.byteLength(packet.topic) + Buffer.byteLength(packet.payload)
}
