import { type Clock, type DeviceAddress, unionRanges } from '@vigil/contract'
import { NUMBERED_BY_TIME } from '@vigil/contract/numbered-by-time'
import type { Log } from '@vigil/program'
import type { BridgeMetrics } from '../metrics.ts'
import type { Publisher } from '../sources/source.ts'
import type { OpenStore } from '../store/open-store.ts'
import type { LedgerState } from '../store/store.ts'
import { createPromiseBook, firstForgotten } from './promises.ts'
import { createReceiptSender } from './receipt-sender.ts'
import { StateAnswers } from './state-answers.ts'

export interface ReceiptLane {
  /** What a commit has made true of a device's epoch. */
  committed(state: LedgerState): void
  /** A `state` message of a device. */
  onState(topic: string, payload: Buffer): void
  /** The database may be another than before: compares what was promised with what it holds. */
  recheck(): void
  /** Sends what waits, and asks no more. */
  finish(): void
  readonly waiting: number
}

export interface ReceiptLaneOptions {
  readonly store: Pick<OpenStore, 'side' | 'notices'>
  readonly publisher: Publisher
  readonly metrics: BridgeMetrics
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly onFailure: (error: unknown) => void
}

/** Numbers with more holes than this are a fault of the device: its receipts cannot name them all. */
const SCATTERED = 1_000

/** Everything that tells devices what is committed, and notices when that is no longer so. */
export function createReceiptLane({ store, publisher, metrics, clock, random, log, onFailure }: ReceiptLaneOptions): ReceiptLane {
  const promises = createPromiseBook()
  const sender = createReceiptSender({
    publisher,
    clock,
    onSent(address, receipt) {
      promises.made(address, receipt)
      metrics.receipts.inc()
    },
  })
  const onRewind = (address: DeviceAddress, epoch: string, from: number) => {
    metrics.rewinds.inc()
    log.warn({ site: address.site, device: address.device, epoch, from }, 'bridge.rewind')
    store.notices.add({ address, kind: 'rewind', detail: { epoch, from } })
  }
  const answers = new StateAnswers({ database: store.side, promises, offer: (draft) => sender.offer(draft), onRewind, onFailure, clock, random })

  return {
    committed({ address, epoch, covered, unread, touched }) {
      const rewind = firstForgotten(promises.of(address, epoch), unread.length === 0 ? covered : unionRanges(covered, unread))
      if (rewind !== undefined) onRewind(address, epoch, rewind)
      if ((covered.length > SCATTERED || unread.length > 0) && !NUMBERED_BY_TIME.test(epoch)) store.notices.add({ address, kind: 'scattered_numbers', detail: { epoch, ranges: covered.length } })
      sender.offer({ address, epoch, covered, touched, rewind, partial: unread.length > 0 })
    },
    onState(topic, payload) {
      const problem = answers.onState(topic, payload)
      if (problem === undefined) return
      metrics.statesRefused.inc()
      log.debug({ topic, problem }, 'bridge.state_refused')
    },
    recheck: () => answers.recheckPromises(),
    finish() {
      answers.stop()
      sender.flush()
    },
    get waiting() {
      return sender.waiting
    },
  }
}
