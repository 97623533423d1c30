import { type Range, subtractRanges } from '@vigil/contract'
import type { BrokerLimits } from '../limits.ts'
import type { Session } from '../session.ts'
import type { Due } from './again.ts'

/** A message whose PUBACK waits. */
export interface Waiting extends Due {
  readonly messageId: number
  readonly topic: string
  readonly payload: Buffer
  /** The numbers, per epoch, that no receipt has covered yet. */
  readonly uncovered: Map<string, readonly Range[]>
}

export interface WaitingList {
  /** False when too much waits for this session already. */
  add(session: Session, device: string, waiting: Waiting): boolean
  isEmpty(session: Session): boolean
  /** Takes a receipt of a device; answers what may be acknowledged now, in the order it was said. */
  cover(device: string, epoch: string, covered: readonly Range[]): { readonly session: Session; readonly messageId: number }[]
  entries(): IterableIterator<Waiting>
  readonly size: number
}

interface Queue {
  readonly device: string
  readonly waiting: Waiting[]
  bytes: number
}

/** What waits for receipts, per session, bounded in number and in bytes; it ends with the session. */
export function createWaitingList(limits: Pick<BrokerLimits, 'unreceiptedMessages' | 'unreceiptedBytes'>): WaitingList {
  const queues = new Map<Session, Queue>()
  const byDevice = new Map<string, Set<Session>>()

  const open = (session: Session, device: string): Queue => {
    const queue: Queue = { device, waiting: [], bytes: 0 }
    const sessions = byDevice.get(device) ?? new Set<Session>()
    queues.set(session, queue)
    byDevice.set(device, sessions.add(session))
    session.onEnd.push(() => {
      queues.delete(session)
      sessions.delete(session)
      if (sessions.size === 0) byDevice.delete(device)
    })
    return queue
  }

  return {
    add(session, device, waiting) {
      const queue = queues.get(session) ?? open(session, device)
      if (queue.waiting.length >= limits.unreceiptedMessages || queue.bytes + waiting.payload.length > limits.unreceiptedBytes) return false
      queue.waiting.push(waiting)
      queue.bytes += waiting.payload.length
      return true
    },
    isEmpty: (session) => (queues.get(session)?.waiting.length ?? 0) === 0,
    cover(device, epoch, covered) {
      return [...(byDevice.get(device) ?? [])].flatMap((session) => {
        const queue = queues.get(session)
        return queue ? coverQueue(queue, epoch, covered).map((messageId) => ({ session, messageId })) : []
      })
    },
    *entries() {
      for (const { waiting } of queues.values()) yield* waiting
    },
    get size() {
      return [...queues.values()].reduce((sum, { waiting }) => sum + waiting.length, 0)
    },
  }
}

function coverQueue(queue: Queue, epoch: string, covered: readonly Range[]): number[] {
  for (const { uncovered } of queue.waiting) {
    const left = subtractRanges(uncovered.get(epoch) ?? [], covered)
    if (left.length > 0) uncovered.set(epoch, left)
    else uncovered.delete(epoch)
  }
  const first = queue.waiting.findIndex(({ uncovered }) => uncovered.size > 0)
  const done = queue.waiting.splice(0, first < 0 ? queue.waiting.length : first)
  for (const { payload } of done) queue.bytes -= payload.length
  return done.map(({ messageId }) => messageId)
}
