import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FeedEntry } from '../../src/subscription/feed-entry.ts'
import { type Cursor, type FeedRow, GroupLine, type Held } from '../../src/subscription/group-line.ts'

const entry = (seq: number): FeedEntry => ({ channel: 'tele', address: { site: 'main', device: 'bed-1' }, epoch: 'a1', seq, receivedAt: 0, object: {} })

/** A feed of rows of these sizes; positions have holes, as rolled back transactions leave them. */
function feedOf(sizes: readonly number[]): FeedRow[] {
  let seq = 0
  return sizes.map((size, i) => ({ position: 3 * i + 1, bytes: size, entries: Array.from({ length: size }, () => entry(++seq)) }))
}

type Step = 'take' | 'crash' | 'save' | { readonly do: 'done' | 'back'; readonly which: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>('take') },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('done' as const, 'back' as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.constant<Step>('crash') },
  { weight: 2, arbitrary: fc.constant<Step>('save') },
)
const ROOM = { messages: 6, bytes: 6 }

/** A group at work: what its consumers hold, and what they have really done. */
class Group {
  readonly feed: readonly FeedRow[]
  readonly done = new Set<number>()
  readonly happened = { crash: 0, back: 0 }
  line = new GroupLine({ position: 0, taken: 0 }, ROOM)
  #saved: Cursor = { position: 0, taken: 0 }
  #held: Held[] = []

  constructor(feed: readonly FeedRow[]) {
    this.feed = feed
  }

  load(): void {
    while (this.line.wantsMore()) {
      const rows = this.feed.filter(({ position }) => position > this.line.loadedUpTo).slice(0, 1)
      if (rows.length === 0) return
      this.line.load(rows)
    }
  }

  act(step: Step): void {
    this.load()
    if (step === 'save') this.#saved = this.line.cursor
    else if (step === 'crash') this.#crash()
    else if (step === 'take') this.#held.push(...[this.line.next()].filter((held) => held !== undefined))
    else for (const held of this.#held.splice(step.which % Math.max(1, this.#held.length), 1)) this.#settle(held, step.do)
  }

  finish(): void {
    for (const held of this.#held) this.line.giveBack(held)
    for (this.load(); ; this.load()) {
      const held = this.line.next()
      if (!held) return
      this.#settle(held, 'done')
    }
  }

  #crash(): void {
    this.happened.crash++
    this.#held = []
    this.line = new GroupLine(this.#saved, ROOM)
  }

  #settle(held: Held, how: 'done' | 'back'): void {
    if (how === 'back') {
      this.happened.back++
      return this.line.giveBack(held)
    }
    this.done.add(held.entry.seq)
    this.line.done(held)
  }
}

/** What the cursor calls done is done, without exception. */
function expectNothingSkipped({ feed, line, done }: Group): void {
  const { position, taken } = line.cursor
  const behind = feed.filter((row) => row.position <= position).flatMap((row) => row.entries)
  const partly = feed.find((row) => row.position > position)?.entries.slice(0, taken) ?? []
  for (const { seq } of [...behind, ...partly]) expect(done.has(seq), `${seq} is behind the cursor`).toBe(true)
}

describe('the line of a consumer group', () => {
  it('offers every message until it is done, whatever is handed back, and resumes from the saved cursor without skipping one', () => {
    const happened = { crash: 0, back: 0 }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }), fc.array(step, { maxLength: 80 }), (sizes, steps) => {
        const group = new Group(feedOf(sizes))
        for (const one of steps) {
          group.act(one)
          expectNothingSkipped(group)
        }
        group.finish()
        expect(group.done.size).toBe(sizes.reduce((sum, size) => sum + size, 0))
        expect(group.line.cursor).toEqual({ position: group.feed.at(-1)?.position, taken: 0 })
        expect(group.line.messages).toBe(0)
        happened.crash += group.happened.crash
        happened.back += group.happened.back
      }),
      { numRuns: 500, seed: 20_260_301 },
    )
    expect(Math.min(happened.crash, happened.back)).toBeGreaterThan(100)
  })

  it('holds no more than its room, however long one message is not settled', () => {
    const feed = feedOf(Array.from({ length: 100 }, () => 2))
    const line = new GroupLine({ position: 0, taken: 0 }, { messages: 20, bytes: 1_000 })
    const first = ((line.load(feed.slice(0, 1)), line.next()) as Held)
    let loaded = 1
    for (let i = 0; i < 200; i++) {
      if (line.wantsMore() && loaded < feed.length) line.load(feed.slice(loaded, ++loaded))
      const next = line.next()
      if (next) line.done(next)
    }
    expect(line.messages).toBeLessThanOrEqual(20)
    expect(line.cursor).toEqual({ position: 0, taken: 0 })
    line.done(first)
    expect(line.cursor.position).toBeGreaterThan(0)
    expect(line.messages).toBe(0)
  })
})
