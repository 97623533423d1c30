import { type Clock, retryDelayMs, type Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { FeedStore, Lease } from './feed-pg.ts'
import { type Cursor, GroupLine, type Held } from './group-line.ts'

export type Outcome = 'accepted' | 'rejected' | 'released'

/** One consumer of a group, as its connection offers it. */
export interface Consumer {
  /** Whether it can be sent one more message now. */
  wants(): boolean
  /** `settle` is called once, unless the consumer leaves first; `messages` it held then go to the others. */
  send(held: Held, settle: (outcome: Outcome) => void): void
  /** The group cannot be served here now. */
  refuse(why: string): void
  /** There is nothing for it at this moment. */
  drained(): void
}

export interface GroupKeeperOptions {
  readonly group: string
  readonly store: FeedStore
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly onOutcome: (outcome: Outcome) => void
  readonly onOffered: () => void
}

/** How soon a row another bridge has written is seen; those of this bridge are hinted at. */
const LOOK_EVERY_MS = 200
const MOVE_EVERY_MS = 100
/** A group with consumers and nothing to give them must not expire. */
const RENEW_EVERY_MS = 60_000
const RETRY = { leastMs: 250, firstMs: 250, longestMs: 5_000 }
/** A message a consumer hands back is offered again after a while only, or both would be busy with nothing else. */
const AGAIN = { leastMs: 100, firstMs: 100, longestMs: 10_000 }

/** Serves one consumer group: reads the feed, shares it out among the consumers, and writes down how far they have come. */
export class GroupKeeper {
  readonly #options: GroupKeeperOptions
  readonly #consumers = new Map<Consumer, Set<Held>>()
  #lease: Lease | undefined
  #line: GroupLine | undefined
  #saved: Cursor = { position: 0, taken: 0 }
  #savedAt = Number.NEGATIVE_INFINITY
  #rejected = 0
  #working: Promise<void> | undefined
  #hinted = false
  #failures = 0
  #turn = 0
  #stopped = false
  readonly #timers = new Set<Stop>()
  #wake: (() => void) | undefined

  constructor(options: GroupKeeperOptions) {
    this.#options = options
  }

  get consumers(): number {
    return this.#consumers.size
  }

  /** Messages in memory. */
  get messages(): number {
    return this.#line?.messages ?? 0
  }

  join(consumer: Consumer): void {
    this.#consumers.set(consumer, new Set())
    this.#working ??= this.#run()
    this.pump()
  }

  /** What it held and did not settle goes to the others. */
  leave(consumer: Consumer): void {
    const held = this.#consumers.get(consumer)
    if (!held) return
    this.#consumers.delete(consumer)
    for (const one of held) this.#line?.giveBack(one)
    if (this.#consumers.size === 0) this.hint()
    this.pump()
  }

  /** Something was committed here. */
  hint(): void {
    this.#hinted = true
    this.#wake?.()
  }

  /** Hands out what there is to whoever wants it, in turn. */
  pump(): void {
    const line = this.#line
    if (!line || this.#consumers.size === 0) return
    const consumers = [...this.#consumers.keys()]
    let refusals = 0
    while (refusals < consumers.length) {
      const consumer = consumers[this.#turn++ % consumers.length] as Consumer
      if (!consumer.wants()) {
        refusals++
        continue
      }
      const held = line.next()
      if (!held) {
        for (const one of consumers) if (one.wants()) one.drained()
        break
      }
      refusals = 0
      this.#hand(consumer, held, line)
    }
    if (line.wantsMore()) this.#wake?.()
  }

  /** Writes the last cursor and lets go of the group. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.hint()
    await this.#working
  }

  #hand(consumer: Consumer, held: Held, line: GroupLine): void {
    const mine = this.#consumers.get(consumer)
    mine?.add(held)
    this.#options.onOffered()
    consumer.send(held, (outcome) => {
      if (!mine?.delete(held)) return
      this.#options.onOutcome(outcome)
      if (outcome === 'released') return this.#again(held, line)
      if (outcome === 'rejected') this.#rejected++
      line.done(held)
      if (this.#line === line) this.pump()
    })
  }

  #again(held: Held, line: GroupLine): void {
    const stop = this.#options.clock.after(retryDelayMs(held.offered, AGAIN, this.#options.random), () => {
      this.#timers.delete(stop)
      line.giveBack(held)
      this.pump()
    })
    this.#timers.add(stop)
  }

  async #run(): Promise<void> {
    while (this.#consumers.size > 0 && !this.#stopped) {
      try {
        await this.#serve()
        this.#failures = 0
      } catch (error) {
        this.#options.log.warn({ group: this.#options.group, why: error instanceof Error ? error.message : 'unknown failure' }, 'bridge.group_interrupted')
        this.#forget()
        await this.#pause(retryDelayMs(this.#failures++, RETRY, this.#options.random))
      }
    }
    await this.#letGo()
    this.#working = undefined
    if (this.#consumers.size > 0 && !this.#stopped) this.#working = this.#run()
  }

  async #serve(): Promise<void> {
    const { store, group } = this.#options
    this.#lease ??= await store.lease(group)
    if (!this.#lease) return this.#refuseAll()
    this.#line ??= this.#begin(this.#lease)
    const line = this.#line
    this.#hinted = false
    let found = 0
    if (line.wantsMore()) {
      const rows = await store.read(this.#lease, line.loadedUpTo, line.roomBytes())
      found = rows.length
      line.load(rows)
      if (found > 0) this.pump()
    }
    await this.#save()
    if (found === 0 && !this.#hinted) await this.#pause(this.#isSaved() ? LOOK_EVERY_MS : MOVE_EVERY_MS)
  }

  #begin({ cursor }: Lease): GroupLine {
    this.#saved = cursor
    return new GroupLine(cursor)
  }

  #isSaved(): boolean {
    const cursor = this.#line?.cursor
    return this.#rejected === 0 && cursor?.position === this.#saved.position && cursor.taken === this.#saved.taken
  }

  async #save(): Promise<void> {
    const now = this.#options.clock.monotonic()
    if (!this.#lease || !this.#line || (this.#isSaved() && now - this.#savedAt < RENEW_EVERY_MS)) return
    const [cursor, rejected] = [this.#line.cursor, this.#rejected]
    await this.#options.store.move(this.#lease, cursor, rejected)
    this.#saved = cursor
    this.#savedAt = now
    this.#rejected -= rejected
  }

  /** Another bridge serves the group: its consumers must go there. */
  #refuseAll(): void {
    for (const consumer of this.#consumers.keys()) consumer.refuse('another bridge serves this consumer group')
    this.#consumers.clear()
  }

  /** The lease is lost, and with it the right to say what is done: everything is read anew from the cursor in the database. */
  #forget(): void {
    this.#lease = undefined
    this.#line = undefined
    this.#rejected = 0
    for (const stop of this.#timers) stop()
    this.#timers.clear()
    for (const held of this.#consumers.values()) held.clear()
  }

  async #letGo(): Promise<void> {
    const lease = this.#lease
    try {
      await this.#save()
      if (lease) await this.#options.store.release(lease)
    } catch {
      // A lost connection has let go by itself; the messages that were not written down come again.
    }
    this.#forget()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#options.clock.after(ms, () => this.#wake?.())
      this.#wake = () => {
        stop()
        this.#wake = undefined
        resolve()
      }
    })
  }
}
