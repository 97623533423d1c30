import { checkReceipt, parseTopic, type Receipt, topicOf, type UpChannel } from '@vigil/contract'
import type { Delivery, Publisher, Settlement, Source, SourceHandlers } from '../../src/index.ts'

export interface Handed {
  readonly topic: string
  /** How it was settled; `undefined` while it is not. */
  outcome: Settlement | undefined
}

export interface SentReceipt extends Receipt {
  readonly device: string
}

/** A source worked by hand: the test hands messages over and reads what became of them. */
export class HandSource implements Source, Publisher {
  readonly name = 'hand'
  readonly handed: Handed[] = []
  readonly receipts: SentReceipt[] = []
  asksAgain = 0
  /** False: receipts cannot go out. */
  online = true
  #handlers: SourceHandlers | undefined

  start(handlers: SourceHandlers): void {
    this.#handlers = handlers
  }

  deliver(device: string, channel: UpChannel, body: unknown, receivedAt = Date.now(), site = 'main'): Handed {
    return this.deliverRaw(topicOf({ site, device }, channel), Buffer.from(JSON.stringify(body)), receivedAt)
  }

  deliverRaw(topic: string, payload: Buffer, receivedAt = Date.now()): Handed {
    const handed: Handed = { topic, outcome: undefined }
    const delivery: Delivery = {
      source: this.name,
      topic,
      payload,
      receivedAt,
      settle(outcome) {
        handed.outcome = outcome
      },
    }
    this.handed.push(handed)
    this.#handlers?.onDelivery(delivery)
    return handed
  }

  unsettled(): number {
    return this.handed.filter((message) => message.outcome === undefined).length
  }

  canPublish(): boolean {
    return this.online
  }

  publish(topic: string, payload: string | Buffer): boolean {
    const checked = checkReceipt(JSON.parse(String(payload)))
    if (!checked.ok) return false
    this.receipts.push({ device: parseTopic(topic)?.device ?? '', ...checked.value })
    return true
  }

  async ready(): Promise<void> {}
  facts(): { connected: boolean; detail: string } {
    return { connected: this.online, detail: 'by hand' }
  }
  roomAgain(): void {
    this.asksAgain++
  }
  async pause(): Promise<void> {
    this.#handlers = undefined
  }
  async stop(): Promise<void> {}
}
