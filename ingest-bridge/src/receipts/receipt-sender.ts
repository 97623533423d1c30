import { topicOf, type Clock, type DeviceAddress, type Range, type Receipt, type Stop } from '@vigil/contract'
import { addressKey } from '../store/device-registry.ts'
import type { Publisher } from '../sources/source.ts'
import { buildReceipt } from './build-receipt.ts'

/** At most four receipts a second to one device (protocol, "Flow"). */
export const RECEIPT_EVERY_MS = 250
/** But one at once when half of what a device may have on the way is committed: it would stand still until the pace allows it. */
export const RECEIPT_EVERY_NUMBERS = 256
/** Of the devices whose pace is kept, so many are looked at with each receipt that comes: those that fell silent are forgotten without a timer for each. */
const LOOKED_AT = 2
/** Numbers of one epoch remembered between two receipts: they only choose which ranges of a very broken sequence are named. */
const MAX_TOUCHED = 2_000

export interface Draft {
  readonly address: DeviceAddress
  readonly epoch: string
  /** What the ledger holds: committed, or given up by the device. */
  readonly covered: readonly Range[]
  readonly touched: readonly number[]
  /** The device shall send again from here on. */
  readonly rewind?: number | undefined
  /** Read from the ledger without its lock: never replaces what a commit has told. */
  readonly mayBeOld?: boolean
  /** Holds only a part of what the ledger does: the next draft does not know all that this one does. */
  readonly partial?: boolean
}

export interface ReceiptSenderOptions {
  readonly publisher: Publisher
  readonly clock: Clock
  readonly onSent: (address: DeviceAddress, receipt: Receipt) => void
}

export interface ReceiptSender {
  offer(draft: Draft): void
  /** Sends what is waiting, whatever the pace. */
  flush(): void
  readonly waiting: number
  /** Devices whose pace is kept. */
  readonly paced: number
}

interface Lane {
  lastSentAt: number
  stop: Stop | undefined
  readonly drafts: Map<string, Draft>
}

/** Sends receipts: the first at once, further ones joined together and at most four a second per device. */
export function createReceiptSender({ publisher, clock, onSent }: ReceiptSenderOptions): ReceiptSender {
  const lanes = new Map<string, Lane>()

  const laneOf = (key: string): Lane => {
    const lane = lanes.get(key) ?? { lastSentAt: Number.NEGATIVE_INFINITY, stop: undefined, drafts: new Map() }
    lanes.set(key, lane)
    return lane
  }

  const send = (lane: Lane, draft: Draft): boolean => {
    if (!publisher.canPublish()) return false
    const built = buildReceipt(draft.epoch, draft.covered, draft.touched)
    const receipt: Receipt = draft.rewind === undefined ? built : { ...built, rewind: draft.rewind }
    if (!publisher.publish(topicOf(draft.address, 'receipt'), JSON.stringify(receipt))) return false
    lane.lastSentAt = clock.monotonic()
    lane.drafts.delete(draft.epoch)
    onSent(draft.address, receipt)
    return true
  }

  /** Sends the draft that waited longest if it is time, and comes back while anything waits. */
  const serve = (lane: Lane) => {
    const waitMs = lane.lastSentAt + RECEIPT_EVERY_MS - clock.monotonic()
    const [draft] = lane.drafts.values()
    if (waitMs > 0) sendFull(lane)
    else if (draft) send(lane, draft)
    if (lane.drafts.size === 0 || lane.stop) return
    lane.stop = clock.after(waitMs > 0 ? waitMs : RECEIPT_EVERY_MS, () => {
      lane.stop = undefined
      serve(lane)
    })
  }

  const sendFull = (lane: Lane) => {
    for (const draft of lane.drafts.values()) if (draft.touched.length >= RECEIPT_EVERY_NUMBERS) send(lane, draft)
  }

  return {
    offer(draft) {
      forgetSilent(lanes, clock.monotonic())
      const key = addressKey(draft.address)
      const lane = laneOf(key)
      const waiting = lane.drafts.get(draft.epoch)
      if (waiting?.partial) send(lane, waiting)
      lane.drafts.set(draft.epoch, join(lane.drafts.get(draft.epoch), draft))
      serve(lane)
    },
    flush() {
      for (const lane of lanes.values()) {
        lane.stop?.()
        lane.stop = undefined
        for (const draft of lane.drafts.values()) send(lane, draft)
      }
      lanes.clear()
    },
    get waiting() {
      let waiting = 0
      for (const lane of lanes.values()) waiting += lane.drafts.size
      return waiting
    },
    get paced() {
      return lanes.size
    },
  }
}

/** The first of the lanes are looked at; who is still to be paced goes behind the others. */
function forgetSilent(lanes: Map<string, Lane>, now: number): void {
  let left = Math.min(LOOKED_AT, lanes.size)
  for (const [key, lane] of lanes) {
    if (left-- === 0) return
    lanes.delete(key)
    if (lane.stop || now - lane.lastSentAt < RECEIPT_EVERY_MS) lanes.set(key, lane)
  }
}

function join(earlier: Draft | undefined, later: Draft): Draft {
  if (!earlier) return later
  const rewinds = [earlier.rewind, later.rewind].filter((from) => from !== undefined)
  const older = later.mayBeOld && later.rewind === undefined
  return {
    ...later,
    covered: older ? earlier.covered : later.covered,
    touched: [...earlier.touched, ...later.touched].slice(-MAX_TOUCHED),
    rewind: rewinds.length > 0 ? Math.min(...rewinds) : undefined,
  }
}
