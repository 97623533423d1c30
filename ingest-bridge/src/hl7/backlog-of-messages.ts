import type { Clock } from '@vigil/contract'
import { readMessage } from '@vigil/contract/hl7/index'
import type { Delivery, Settlement } from '../sources/source.ts'
import { toDeliveries } from './deliveries.ts'
import type { Inbox } from './inbox.ts'
import type { Accepted } from './reception.ts'
import { toRecords } from './records.ts'

const MARK_AGAIN_MS = 1_000

export interface MessageBacklogOptions {
  readonly clock: Clock
  readonly inbox: Inbox
  readonly deliver: (delivery: Delivery) => void
  readonly onFailure: (error: unknown) => void
}

/** Messages at a time that are safe in the inbox and not yet stored as samples and events. */
export const OPEN_MESSAGES = 5_000

/** From the inbox into the durable lane: every object of a message is delivered until it is stored, then the message is done. */
export class MessageBacklog {
  readonly #options: MessageBacklogOptions
  readonly #open = new Set<string>()
  #leftBehind = false
  /** Turned away for lack of room; sent again when there is some. */
  #turnedAway: Delivery[] = []
  #done: string[] = []
  #marking = false

  constructor(options: MessageBacklogOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  add({ id, sender, records, firstSeq, receivedMs }: Accepted): void {
    if (this.#open.has(id)) return
    const settle = (delivery: Delivery, outcome: Settlement): void => {
      if (outcome === 'released') return void this.#turnedAway.push(delivery)
      if (--left > 0) return
      this.#open.delete(id)
      this.#done.push(id)
      void this.#mark().then(() => this.#catchUp())
    }
    const deliveries = toDeliveries(records, { sender, firstSeq, receivedMs }, () => undefined).map((delivery) => {
      const own: Delivery = { ...delivery, settle: (outcome) => settle(own, outcome) }
      return own
    })
    let left = deliveries.length
    if (left === 0) return
    if (this.#open.size >= OPEN_MESSAGES) {
      // It is safe in the inbox; read again from there when there is room.
      this.#leftBehind = true
      return
    }
    this.#open.add(id)
    for (const delivery of deliveries) this.#options.deliver(delivery)
  }

  /** What an earlier run left; answers false when the database did not answer. */
  async resume(): Promise<boolean> {
    try {
      for (const { id, sender, raw, receivedMs, firstSeq } of await this.#options.inbox.open(OPEN_MESSAGES)) {
        const reading = readMessage(raw, sender.charset)
        if (reading.ok) this.add({ id, sender, records: toRecords(reading.message, { receivedMs, offsetMinutes: sender.offsetMinutes, givenFirst: sender.givenFirst, codes: sender.codes }), firstSeq, receivedMs })
      }
      return true
    } catch (error) {
      this.#options.onFailure(error)
      return false
    }
  }

  async #catchUp(): Promise<void> {
    if (!this.#leftBehind || this.#open.size > OPEN_MESSAGES / 2) return
    this.#leftBehind = false
    if (!(await this.resume())) this.#leftBehind = true
  }

  roomAgain(): void {
    const again = this.#turnedAway
    this.#turnedAway = []
    for (const delivery of again) this.#options.deliver(delivery)
  }

  /** One statement at a time. What could not be marked is marked with the next, and looked after until it is. */
  async #mark(): Promise<void> {
    if (this.#marking) return
    this.#marking = true
    while (this.#done.length > 0) {
      const ids = this.#done
      this.#done = []
      try {
        await this.#options.inbox.done(ids)
      } catch (error) {
        this.#options.onFailure(error)
        this.#done.push(...ids)
        this.#options.clock.after(MARK_AGAIN_MS, () => void this.#mark())
        break
      }
    }
    this.#marking = false
  }
}
