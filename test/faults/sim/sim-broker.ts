import { parseTopic } from '@vigil/contract'
import type { FaultCount } from './faults.ts'
import type { Chance } from './seeded.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface NetworkFaults {
  /** Chances per message. */
  lost: number
  doubled: number
  receiptLost: number
  /** Longest delay beyond the usual, ms. */
  delayMs: number
}

export const calm = (): NetworkFaults => ({ lost: 0, doubled: 0, receiptLost: 0, delayMs: 0 })

/** A bridge's side of the broker. */
export interface Subscriber {
  deliver(topic: string, payload: Buffer): void
  disconnected(): void
}

/** A board's side. */
export interface Boarding {
  receive(topic: string, payload: string): void
  disconnected(): void
}

const USUAL_MS = 2
/** Receipts of one bridge to one board travel in order. */
const RECEIPT_MS = 3

/** A broker with nothing but memory, and the wires to it. */
export class SimBroker {
  readonly #time: VirtualTime
  readonly #chance: Chance
  readonly #count: FaultCount
  readonly #subscribers = new Set<Subscriber>()
  readonly #boards = new Map<string, Boarding>()
  readonly #retained = new Map<string, Buffer>()
  faults: NetworkFaults = calm()
  /** Counts starts: what was on its way through an earlier one is gone. */
  #run = 0

  constructor({ time, chance, count }: { time: VirtualTime; chance: Chance; count: FaultCount }) {
    this.#time = time
    this.#chance = chance
    this.#count = count
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber)
    for (const [topic, payload] of this.#retained) this.#carry(() => this.#subscribers.has(subscriber) && subscriber.deliver(topic, payload))
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber)
  }

  board(device: string, boarding: Boarding): void {
    this.#boards.set(device, boarding)
  }

  leave(device: string, boarding: Boarding): void {
    if (this.#boards.get(device) === boarding) this.#boards.delete(device)
  }

  /** From a board: PUBACK as Aedes gives it, before anything is delivered. */
  publish(topic: string, payload: string, acknowledged: () => void, retain = false): void {
    this.#carry(acknowledged)
    if (this.#happens(this.faults.lost, 'message_lost')) return
    const bytes = Buffer.from(payload)
    if (retain) this.#retained.set(topic, bytes)
    for (const subscriber of this.#subscribers) {
      const copies = this.#happens(this.faults.doubled, 'message_doubled') ? 2 : 1
      for (let i = 0; i < copies; i++) this.#carry(() => this.#subscribers.has(subscriber) && subscriber.deliver(topic, bytes))
    }
  }

  /** From a bridge to a board. */
  send(topic: string, payload: string): void {
    const device = parseTopic(topic)?.device ?? ''
    const boarding = this.#boards.get(device)
    if (!boarding || this.#happens(this.faults.receiptLost, 'receipt_lost')) return
    const run = this.#run
    this.#time.after(RECEIPT_MS, { alive: true }, () => {
      if (run === this.#run && this.#boards.get(device) === boarding) boarding.receive(topic, payload)
    })
  }

  crash(): void {
    this.#count.broker_crashed++
    this.#run++
    this.#retained.clear()
    const [subscribers, boards] = [[...this.#subscribers], [...this.#boards.values()]]
    this.#subscribers.clear()
    this.#boards.clear()
    for (const one of [...subscribers, ...boards]) one.disconnected()
  }

  #carry(arrive: () => void): void {
    const run = this.#run
    const extra = this.faults.delayMs > 0 ? this.#chance.between(0, this.faults.delayMs) : 0
    if (extra > 100) this.#count.message_delayed++
    this.#time.after(USUAL_MS + extra, { alive: true }, () => run === this.#run && arrive())
  }

  #happens(probability: number, kind: 'message_lost' | 'message_doubled' | 'receipt_lost'): boolean {
    if (!this.#chance.happens(probability)) return false
    this.#count[kind]++
    return true
  }
}
