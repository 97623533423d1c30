import { type Range, subtractRanges } from '@vigil/contract'
import type { BrokerLimits } from '../limits.ts'
import { type Due, dueLater } from '../puback/again.ts'

/** What a device has posted, as it is said to the bridge. */
export interface Said {
  readonly topic: string
  readonly payload: Buffer
  /** Where it is said once more: history is filled then, and nothing passes for live. */
  readonly againOn: string
}

export interface Post {
  readonly said: readonly Said[]
  /** The numbers in it, all of one kind of epoch. */
  readonly uncovered: Map<string, readonly Range[]>
  /** By what it is known again when the device says it once more before it was answered; `undefined`: by nothing. */
  readonly known: string | undefined
  /** What stands in it, for a message that says of itself that it comes again. */
  readonly content: string
  readonly comesAgain: boolean
  /** Told once all of it is committed. */
  readonly stored: () => void
}

export type Taken =
  | 'new'
  /** It waits already, or has been answered already. */
  | 'again'
  /** Too much of this device waits. */
  | 'full'

interface Waiting extends Due {
  readonly said: readonly Said[]
  readonly uncovered: Map<string, readonly Range[]>
  readonly known: string | undefined
  readonly content: string
  readonly bytes: number
  readonly stored: (() => void)[]
}

interface Line {
  readonly waiting: Set<Waiting>
  bytes: number
  /** Content of the last posts that were answered. */
  readonly answered: string[]
}

export interface Posts {
  take(device: string, post: Post): Taken
  /** Takes a receipt of a device: posts it covers whole are told so. */
  cover(device: string, epoch: string, covered: readonly Range[]): void
  /** Whether anything of this device waits. */
  waitsFor(device: string): boolean
  forget(device: string): void
  entries(): Iterable<Waiting>
  readonly size: number
}

/** How many answered posts of a device are remembered, for those whose acknowledgement was lost. */
const ANSWERED = 64

/**
 * Posts that wait for their receipts. A board that speaks Alink keeps nothing, so they outlive its connection: they wait here, bounded, and are
 * said again until the bridge has them.
 */
export function createPosts(limits: Pick<BrokerLimits, 'unreceiptedMessages' | 'unreceiptedBytes'>, now: () => number, onStored: () => void): Posts {
  const lines = new Map<string, Line>()

  const isAnswered = (line: Line, { comesAgain, content }: Post) => comesAgain && line.answered.includes(content)
  const sameIn = (line: Line, { known, content, comesAgain }: Post) =>
    [...line.waiting].find((other) => (known !== undefined && other.known === known) || (comesAgain && other.content === content))

  const settle = (device: string, line: Line, done: Waiting) => {
    line.waiting.delete(done)
    line.bytes -= done.bytes
    if (line.answered.push(done.content) > ANSWERED) line.answered.shift()
    onStored()
    for (const stored of done.stored) stored()
  }

  return {
    take(device, post) {
      const line = lines.get(device) ?? { waiting: new Set<Waiting>(), bytes: 0, answered: [] }
      lines.set(device, line)
      if (isAnswered(line, post)) {
        post.stored()
        return 'again'
      }
      const same = sameIn(line, post)
      if (same) {
        same.stored.push(post.stored)
        return 'again'
      }
      const bytes = post.said.reduce((sum, { payload }) => sum + payload.length, 0)
      if (line.waiting.size >= limits.unreceiptedMessages || line.bytes + bytes > limits.unreceiptedBytes) return 'full'
      line.waiting.add({ ...post, bytes, stored: [post.stored], ...dueLater(now()) })
      line.bytes += bytes
      return 'new'
    },
    cover(device, epoch, covered) {
      const line = lines.get(device)
      for (const waiting of line ? [...line.waiting] : []) {
        const numbers = waiting.uncovered.get(epoch)
        if (!line || !numbers) continue
        const left = subtractRanges(numbers, covered)
        if (left.length > 0) waiting.uncovered.set(epoch, left)
        else waiting.uncovered.delete(epoch)
        if (waiting.uncovered.size === 0) settle(device, line, waiting)
      }
    },
    waitsFor: (device) => (lines.get(device)?.waiting.size ?? 0) > 0,
    forget: (device) => void lines.delete(device),
    *entries() {
      for (const { waiting } of lines.values()) yield* waiting
    },
    get size() {
      return [...lines.values()].reduce((sum, { waiting }) => sum + waiting.size, 0)
    },
  }
}
