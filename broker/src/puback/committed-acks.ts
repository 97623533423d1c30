import { type PublishPacket } from 'aedes'
import { checkDeviceState, checkReceipt, normaliseRanges, parseTopic, rangesOf, subtractRanges, type Channel, type Range } from '@vigil/contract'
import { type BrokerLimits } from '../limits.ts'
import { type Session } from '../session.ts'
import { readKeys } from './keys.ts'

/** `now`: Aedes acknowledges. `later`: we do, when the receipt has come. `full`: too much waits already. */
export type AckTime = 'now' | 'later' | 'full'

export interface CommittedAcks {
  /** Decides about a message a device is about to publish. */
  decide(session: Session, packet: PublishPacket): AckTime
  /** Told of every receipt that passes. */
  receipt(packet: PublishPacket): void
  /** Messages that wait, over all sessions. */
  readonly waiting: () => number
}

/** A message whose PUBACK waits: the numbers, per epoch, that no receipt has covered yet. */
interface Waiting {
  readonly messageId: number
  readonly uncovered: Map<string, readonly Range[]>
}

const RECEIPTED: ReadonlySet<Channel> = new Set<Channel>(['tele', 'backlog', 'event'])

/** A broker that acknowledges as soon as it has a message. */
export const fastAcks: CommittedAcks = { decide: () => 'now', receipt: () => undefined, waiting: () => 0 }

/**
 * Makes a PUBACK mean "committed in PostgreSQL" for boards that know no receipts: it is held until the receipts that pass through
 * cover every number in the message. Acknowledgements of one client keep the order of its messages [MQTT-4.6.0-2].
 */
export function createCommittedAcks(limits: Pick<BrokerLimits, 'unreceiptedMessages'>): CommittedAcks {
  const knowsReceipts = new WeakSet<Session>()
  const queues = new Map<Session, Waiting[]>()
  const byDevice = new Map<string, Set<Session>>()

  return {
    decide(session, packet) {
      const parsed = parseTopic(packet.topic)
      if (!parsed || session.signedIn?.identity.role !== 'device') return 'now'
      if (parsed.channel === 'state' && declaresReceipts(packet)) knowsReceipts.add(session)
      if (packet.qos !== 1 || knowsReceipts.has(session)) return 'now'
      const uncovered = RECEIPTED.has(parsed.channel) ? uncoveredOf(packet) : new Map<string, Range[]>()
      const queue = queueOf(session, parsed.device)
      if (uncovered.size === 0 && queue.length === 0) return 'now'
      if (queue.length >= limits.unreceiptedMessages) return 'full'
      queue.push({ messageId: packet.messageId as number, uncovered })
      return 'later'
    },
    receipt(packet) {
      const sessions = byDevice.get(parseTopic(packet.topic)?.device ?? '')
      if (!sessions) return
      const checked = checkReceipt(parse(packet))
      if (!checked.ok) return
      const { e, upto, have = [] } = checked.value
      const covered = normaliseRanges([...(upto > 0 ? [[1, upto] as const] : []), ...have])
      for (const session of sessions) cover(session, e, covered)
    },
    waiting: () => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0),
  }

  function queueOf(session: Session, device: string): Waiting[] {
    const known = queues.get(session)
    if (known) return known
    const queue: Waiting[] = []
    queues.set(session, queue)
    const sessions = byDevice.get(device) ?? new Set<Session>()
    byDevice.set(device, sessions.add(session))
    session.onEnd.push(() => {
      queues.delete(session)
      sessions.delete(session)
      if (sessions.size === 0 && byDevice.get(device) === sessions) byDevice.delete(device)
    })
    return queue
  }

  function cover(session: Session, epoch: string, covered: readonly Range[]): void {
    const queue = queues.get(session) ?? []
    for (const { uncovered } of queue) {
      const left = subtractRanges(uncovered.get(epoch) ?? [], covered)
      if (left.length > 0) uncovered.set(epoch, left)
      else uncovered.delete(epoch)
    }
    while (queue[0] && queue[0].uncovered.size === 0) acknowledge(session, (queue.shift() as Waiting).messageId)
  }
}

/** Numbers in a message, per epoch. A message without any can never be covered, so nothing waits for it. */
function uncoveredOf(packet: PublishPacket): Map<string, Range[]> {
  const numbers = readKeys(parse(packet))
  return new Map([...numbers].map(([epoch, sequences]) => [epoch, rangesOf(sequences)]))
}

function declaresReceipts(packet: PublishPacket): boolean {
  const checked = checkDeviceState(parse(packet))
  return checked.ok && checked.value.caps?.receipts === true
}

function parse(packet: PublishPacket): unknown {
  try {
    return JSON.parse(packet.payload.toString())
  } catch {
    return undefined
  }
}

/** A PUBACK, four bytes: MQTT 3.1.1 section 3.4. */
function acknowledge({ client }: Session, messageId: number): void {
  if (!client.conn.destroyed) client.conn.write(Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]))
}
