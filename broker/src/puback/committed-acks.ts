import type { PublishPacket } from 'aedes'
import { checkDeviceState, checkReceipt, type Clock, normaliseRanges, type Range, rangesOf, type Channel } from '@vigil/contract'
import { readJson } from '@vigil/program'
import type { BrokerLimits } from '../limits.ts'
import type { Session } from '../session.ts'
import { topicParts } from '../rights/rights.ts'
import { acknowledge } from './acknowledge.ts'
import { dueLater, LOOK_EVERY_MS, takeDue } from './again.ts'
import { receiptedKeys } from './keys.ts'
import { createWaitingList, type Waiting, type WaitingList } from './waiting-list.ts'

/** `now`: Aedes acknowledges. `later`: we do, when the receipt has come. `full`: too much waits already. */
export type AckTime = 'now' | 'later' | 'full'

export interface CommittedAcks {
  /** Decides about a message a device is about to publish. */
  decide(session: Session, packet: PublishPacket): AckTime
  /** Told of every receipt that passes. */
  receipt(packet: PublishPacket): void
  /** Told that a bridge listens from now on: it has not heard what was said before. */
  bridgeListens(): void
  /** Messages that wait, over all sessions. */
  readonly waiting: () => number
  stop(): void
}

export interface CommittedAcksOptions {
  readonly limits: Pick<BrokerLimits, 'unreceiptedMessages' | 'unreceiptedBytes'>
  readonly clock: Clock
  /** Whether anybody is there who could store what is said. */
  readonly isHeard: () => boolean
  /** Says a message once more. */
  readonly sayAgain: (topic: string, payload: Buffer) => void
}

const RECEIPTED: ReadonlySet<Channel> = new Set<Channel>(['tele', 'backlog', 'event'])

/** A broker that acknowledges as soon as it has a message. */
export const fastAcks: CommittedAcks = { decide: () => 'now', receipt: () => undefined, bridgeListens: () => undefined, waiting: () => 0, stop: () => undefined }

/**
 * Makes a PUBACK mean "committed in PostgreSQL" for boards that know no receipts: it is held until the receipts that pass through
 * cover every number in the message. Such a board cannot know that it has to repeat itself, so the broker does it for the board: when a
 * bridge comes back, and when no receipt comes. Acknowledgements of one client keep the order of its messages [MQTT-4.6.0-2].
 */
export function createCommittedAcks({ limits, clock, isHeard, sayAgain }: CommittedAcksOptions): CommittedAcks {
  const knowsReceipts = new WeakSet<Session>()
  const list = createWaitingList(limits)
  const stop = clock.every(LOOK_EVERY_MS, () => {
    if (isHeard()) for (const { topic, payload } of takeDue(waitingForReceipts(list), clock.monotonic())) sayAgain(topic, payload)
  })

  return {
    decide(session, packet) {
      const parsed = topicParts(packet.topic)
      if (!parsed || session.signedIn?.identity.role !== 'device') return 'now'
      if (parsed.channel === 'state' && declaresReceipts(packet)) knowsReceipts.add(session)
      if (packet.qos !== 1 || knowsReceipts.has(session)) return 'now'
      const uncovered = RECEIPTED.has(parsed.channel) ? uncoveredOf(parsed.channel, packet) : new Map<string, Range[]>()
      if (uncovered.size === 0 && list.isEmpty(session)) return 'now'
      return list.add(session, parsed.device, waitingOf(packet, uncovered, clock)) ? 'later' : 'full'
    },
    receipt(packet) {
      const device = topicParts(packet.topic)?.device
      const checked = checkReceipt(readJson(packet.payload))
      if (device === undefined || !checked.ok) return
      const { e, upto, have = [] } = checked.value
      const covered = normaliseRanges([...(upto > 0 ? [[1, upto] as const] : []), ...have])
      for (const { session, messageId } of list.cover(device, e, covered)) acknowledge(session, messageId)
    },
    bridgeListens() {
      for (const waiting of list.entries()) waiting.dueAt = clock.monotonic()
    },
    waiting: () => list.size,
    stop,
  }
}

/** What only keeps its place in the order is not said again. */
function* waitingForReceipts(list: WaitingList): Iterable<Waiting> {
  for (const waiting of list.entries()) if (waiting.uncovered.size > 0) yield waiting
}

function waitingOf(packet: PublishPacket, uncovered: Map<string, readonly Range[]>, clock: Clock): Waiting {
  // A message that only keeps its place in the order is not said again, so it is not kept.
  const payload = uncovered.size === 0 ? Buffer.alloc(0) : Buffer.from(packet.payload)
  return { messageId: packet.messageId ?? 0, topic: packet.topic, payload, uncovered, ...dueLater(clock.monotonic()) }
}

/** Numbers in a message, per epoch. A message without any can never be covered, so nothing waits for it. */
function uncoveredOf(channel: Channel, packet: PublishPacket): Map<string, Range[]> {
  const numbers = receiptedKeys(channel, packet.payload as Buffer)
  return new Map([...numbers].map(([epoch, sequences]) => [epoch, rangesOf(sequences)]))
}

function declaresReceipts(packet: PublishPacket): boolean {
  const checked = checkDeviceState(readJson(packet.payload))
  return checked.ok && checked.value.caps?.receipts === true
}
