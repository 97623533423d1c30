import type { Stop } from '@vigil/contract/clock'
import type { Receipt } from '@vigil/contract/messages/receipt'
import { type Range, rangesContain, unionRanges } from '@vigil/contract/ranges'
import { farewellText, isFarewellHeard } from './protocol-farewell.ts'
import { type Numbers, numbers } from './protocol-numbers.ts'
import { type HeldUntil, heldUntil } from './protocol-hold.ts'
import { type Pace, pace } from './protocol-pace.ts'
import { type PackingOptions, packPayloads, wireText } from './protocol-packing.ts'
import type { Recordable, Spool, SpoolLane, SpoolOptions, SpoolStatus } from './protocol-ports.ts'
import { makeRoom, type Room } from './protocol-room.ts'
import { defaultSpoolSettings, type SpoolSettings } from './protocol-settings.ts'
import { type WaitingScan, waitingScan } from './protocol-scan.ts'
import { sendWindow, type SendWindow } from './protocol-window.ts'
import type { NewRecord, SpoolRecord } from './spool-store.ts'

export * from './protocol-ports.ts'
export { defaultSpoolSettings, type SpoolSettings } from './protocol-settings.ts'

/** `greeting`: `online` is out and its receipt has not come yet; live objects and events go, the rest waits. */
type Connection = 'offline' | 'greeting' | 'open'

/** Gaps told in one go: after weeks offline there may be thousands, one between every two minutes that were rolled up. */
const MOST_GAPS_AT_ONCE = 200

/**
 * Brings every recorded object to the database exactly once, whatever the network, the broker or the board do.
 * An object is finished when a receipt covers it; until then it stays in the store and is sent again. Sending twice is
 * harmless, because the server knows each object by its number.
 */
export function createSpool(options: SpoolOptions): Spool {
  return new SpoolProtocol(options)
}

class SpoolProtocol implements Spool {
  readonly #options: SpoolOptions
  readonly #settings: SpoolSettings
  readonly #numbers: Numbers
  readonly #window: SendWindow
  readonly #scan: WaitingScan
  readonly #room: Room
  readonly #pace: Pace
  readonly #packing: PackingOptions
  #connection: Connection = 'offline'
  #greetingEndsAt = 0
  #heldUntil: HeldUntil = () => undefined
  /** Changes with every connection, so that a late PUBACK of an old one frees nothing. */
  #connectionNo = 0
  #messagesOnTheWay = 0
  #mayHaveLost = true
  /** Objects the store could no longer read. */
  #damaged: readonly Range[] = []
  #newestSample: { seq: number; atMs: number } | undefined
  #unrecorded = 0
  #foreignReceipts = 0
  #stopWake: Stop = () => {}
  #sending = false

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#settings = { ...defaultSpoolSettings, ...options.settings }
    this.#numbers = numbers(options.store)
    this.#window = sendWindow(this.#settings, options.random)
    this.#room = makeRoom({ store: options.store, numbers: this.#numbers, settings: this.#settings, rollUp: options.rollUp, onGone: (gone) => this.#forget(gone) })
    this.#scan = waitingScan(options.store, this.#numbers, this.#window)
    this.#pace = pace(this.#settings.backlogPerSecond, this.#settings.backlogBurst)
    this.#packing = { epoch: options.store.epoch, boot: options.store.boot, wallTimeAt: options.wallTimeAt, earlierTimeAt: options.earlierTimeAt }
  }

  record(objects: readonly Recordable[]): number | undefined {
    const batch = objects.map(({ kind, time, fields }): NewRecord => ({ kind, body: JSON.stringify({ ...time, ...fields }) }))
    const first = this.#room.append(batch)
    if (first === undefined) {
      this.#unrecorded += batch.length
      return undefined
    }
    const records = batch.map((record, i): SpoolRecord => ({ ...record, seq: first + i, boot: this.#options.store.boot }))
    const samples = records.filter((record) => record.kind === 'sample')
    const newest = samples.at(-1)
    if (newest) this.#newestSample = { seq: newest.seq, atMs: this.#now() }
    if (this.#connection !== 'offline') {
      for (const record of records) if (record.kind === 'event') this.#send('event', [record], false)
      this.#send('tele', samples, false)
      this.#scan.sentAtOnce(first, first + records.length - 1)
      this.#sendWaiting()
    }
    return first
  }

  online(): void {
    this.#connectionNo += 1
    this.#messagesOnTheWay = 0
    this.#connection = 'greeting'
    this.#greetingEndsAt = this.#now() + this.#settings.waitForReceiptMs
    this.#heldUntil = heldUntil(this.#options, this.#numbers, this.#packing, this.#now() + this.#settings.waitForTimeMs)
    this.#sendNewestAsLive()
    this.#sendWaiting()
  }

  offline(): void {
    this.#connection = 'offline'
    this.#connectionNo += 1
    this.#window.clear()
    this.#scan.again(1)
    this.#stopWake()
  }

  receipt(receipt: Receipt): void {
    if (receipt.e !== this.#options.store.epoch) return this.#foreignReceipt(receipt)
    const { uncovered } = this.#numbers.receipt(receipt, this.#connection === 'greeting')
    const covered = this.#numbers.covered()
    // The server knows numbers this store never gave: its tail was lost (a restored card image). They are never given again.
    const highest = covered.at(-1)?.[1] ?? 0
    if (highest > this.#options.store.lastSeq()) this.#options.store.skipTo(highest)
    this.#options.store.saveCovered(covered)
    this.#window.settle(covered)
    if (uncovered) {
      this.#scan.again(1)
      this.#mayHaveLost = true
    }
    if (this.#connection === 'greeting') this.#open()
    this.#sendWaiting()
  }

  status(): SpoolStatus {
    return {
      epoch: this.#options.store.epoch,
      lastSeq: this.#options.store.lastSeq(),
      upto: this.#numbers.upto(),
      unsent: this.#numbers.countWaiting(),
      onTheWay: this.#window.size(),
      dropped: this.#numbers.countDropped(),
      unrecorded: this.#unrecorded,
      foreignReceipts: this.#foreignReceipts,
    }
  }

  close(): void {
    this.offline()
    this.#options.store.close()
  }

  #foreignReceipt(receipt: Receipt): void {
    const farewell = this.#options.store.farewell()
    if (farewell && isFarewellHeard(farewell, receipt)) this.#options.store.clearFarewell()
    else this.#foreignReceipts += 1
  }

  #open(): void {
    this.#connection = 'open'
    const farewell = this.#options.store.farewell()
    if (farewell) this.#options.transport.publish('backlog', farewellText(farewell, this.#options.time()), () => {})
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }

  /** A screen should not wait a whole interval after a reconnect for a value that was measured a moment ago. */
  #sendNewestAsLive(): void {
    const newest = this.#newestSample
    if (!newest || this.#now() - newest.atMs > this.#settings.stillLiveMs) return
    if (this.#numbers.waiting(newest.seq, newest.seq).length === 0) return
    this.#send('tele', this.#options.store.read({ from: newest.seq, to: newest.seq, limit: 1 }), false)
  }

  /** Sends everything that may go now, then sleeps until the next thing may. */
  #sendWaiting(): void {
    if (this.#sending || this.#connection === 'offline') return
    this.#sending = true
    this.#stopWake()
    if (this.#connection === 'greeting' && this.#now() >= this.#greetingEndsAt) this.#open()
    if (this.#connection === 'open' && this.#heldUntil(this.#now()) === undefined) {
      do {
        if (this.#mayHaveLost) this.#announceLost()
        this.#sendEvents()
        this.#sendAgain()
        this.#sendBacklog()
      } while (this.#takeOutDamaged())
    }
    this.#sending = false
    this.#sleep()
  }

  /**
   * Numbers that are gone are said to be gone, each run in a numbered object of its own; no others before those are confirmed,
   * because saying it needs room too, and a full store would otherwise fill up with gaps.
   */
  #announceLost(): void {
    if (this.#numbers.isAnnouncing()) return
    const lost = this.#numbers.lost()
    const gaps = lost.slice(0, MOST_GAPS_AT_ONCE)
    this.#mayHaveLost = lost.length > gaps.length
    if (gaps.length === 0) return
    const first = this.#room.append(gaps.map((gap) => ({ kind: 'gap', body: JSON.stringify({ ...this.#options.time(), gap, why: this.#whyGone(gap) }) })))
    if (first === undefined) this.#mayHaveLost = true
    else for (const [i, gap] of gaps.entries()) this.#numbers.announced(gap, first + i)
  }

  #whyGone([from]: Range): 'overflow' | 'corrupt' | 'reset' {
    if (rangesContain(this.#damaged, from)) return 'corrupt'
    return rangesContain(this.#options.store.torn(), from) ? 'reset' : 'overflow'
  }

  /** Objects the store has found spoilt since the last look are gone. */
  #takeOutDamaged(): boolean {
    const damaged = this.#options.store.damaged()
    if (damaged.length === 0) return false
    this.#damaged = unionRanges(this.#damaged, damaged)
    this.#numbers.dropped(damaged)
    this.#forget(damaged)
    return true
  }

  #forget(gone: readonly Range[]): void {
    this.#window.settle(gone)
    this.#mayHaveLost = true
  }

  #sendEvents(): void {
    while (this.#mayQueue()) {
      const event = this.#scan.nextEvent()
      if (!event) return
      this.#send('event', [event], true)
    }
  }

  /** What went out and got no receipt in time goes again, oldest first. */
  #sendAgain(): void {
    const due = this.#window.due(this.#now())
    let next = 0
    while (next < due.length && this.#mayQueue() && this.#mayPace(due.length - next)) {
      const seqs = due.slice(next, next + this.#pace.available(this.#now()))
      next += seqs.length
      const records = seqs.flatMap((seq) => this.#options.store.read({ from: seq, to: seq, limit: 1 }))
      for (const event of records.filter((record) => record.kind === 'event')) this.#send('event', [event], true)
      this.#sendPaced(records.filter((record) => record.kind !== 'event'))
    }
  }

  #sendBacklog(): void {
    while (this.#mayQueue() && this.#mayPace(Math.min(this.#free(), this.#scan.unseen()))) {
      const records = this.#scan.next(Math.min(this.#free(), this.#pace.available(this.#now())))
      if (records.length === 0) return
      this.#sendPaced(records)
    }
  }

  #free(): number {
    return this.#settings.window - this.#settings.liveReserve - this.#window.size()
  }

  #mayQueue(): boolean {
    return this.#messagesOnTheWay < this.#settings.messagesOnTheWay
  }

  /** Whether a worthwhile batch may go: many small messages cost more than one that waits a moment. */
  #mayPace(wanted: number): boolean {
    return wanted > 0 && this.#pace.available(this.#now()) >= Math.min(wanted, this.#settings.backlogBurst / 4)
  }

  #sendPaced(records: readonly SpoolRecord[]): void {
    this.#pace.take(records.length)
    this.#send('backlog', records, true)
  }

  #send(lane: SpoolLane, records: readonly SpoolRecord[], queued: boolean): void {
    const payloads = lane === 'event' ? records.map((record) => ({ text: wireText(record, this.#packing), seqs: [record.seq] })) : packPayloads(records, this.#packing)
    for (const { text, seqs } of payloads) {
      for (const seq of seqs) {
        const pushedBack = this.#window.sent(seq, this.#now())
        if (pushedBack !== undefined) this.#scan.again(pushedBack)
      }
      const connectionNo = this.#connectionNo
      if (queued) this.#messagesOnTheWay += 1
      this.#options.transport.publish(lane, text, () => {
        if (!queued || connectionNo !== this.#connectionNo) return
        this.#messagesOnTheWay -= 1
        this.#sendWaiting()
      })
    }
  }

  #sleep(): void {
    if (this.#connection === 'offline') return
    const times: number[] = []
    const held = this.#heldUntil(this.#now())
    if (this.#connection === 'greeting') times.push(this.#greetingEndsAt)
    else if (held !== undefined) times.push(held)
    else if (this.#mayQueue()) {
      if (this.#scan.unseen() > 0 && this.#free() > 0) times.push(this.#pace.readyAt(this.#settings.backlogBurst / 4, this.#now()))
      const due = this.#window.nextDueAt()
      if (due !== undefined) times.push(Math.max(due, this.#pace.readyAt(this.#settings.backlogBurst / 4, this.#now())))
    }
    if (times.length === 0) return
    // Never at once: a timer that fires in the same instant for ever would be a busy loop.
    const delayMs = Math.max(1, Math.min(...times) - this.#now())
    this.#stopWake = this.#options.clock.after(delayMs, () => this.#sendWaiting())
  }
}
