import { type Range, contiguousUpto, normaliseRanges, rangesOf, subtractRanges, unionRanges } from '@vigil/contract/ranges'
import { readTelemetryObject, isGapNotice } from '@vigil/contract/messages/telemetry'
import { checkDeviceEvent } from '@vigil/contract/messages/event'
import type { Receipt } from '@vigil/contract/messages/receipt'
import type { SpoolLane } from '../../src/spool/protocol.ts'

export interface Stored {
  readonly lane: SpoolLane
  readonly text: string
}

/** A bridge and its database as the protocol page describes them: knows each number once, and tells what it has. */
export interface ModelServer {
  receive(lane: SpoolLane, payload: string): void
  /** The receipt for an epoch as of now. */
  receiptFor(epoch: string): Receipt
  /** What `online` with `upto` is answered with: a rewind when the device remembers more than the ledger holds. */
  answerOnline(epoch: string, upto: number): Receipt
  stored(epoch: string): ReadonlyMap<number, Stored>
  lost(epoch: string): readonly Range[]
  snapshot(): () => void
  readonly counts: { received: number; duplicates: number; refused: string[] }
}

interface EpochLedger {
  readonly got: Map<number, Stored>
  readonly lost: Range[]
}

export function modelServer(): ModelServer {
  let epochs = new Map<string, EpochLedger>()
  const counts = { received: 0, duplicates: 0, refused: [] as string[] }

  const ledger = (epoch: string): EpochLedger => {
    const known = epochs.get(epoch) ?? { got: new Map<number, Stored>(), lost: [] }
    epochs.set(epoch, known)
    return known
  }
  const covered = (epoch: string): Range[] => unionRanges(rangesOf(ledger(epoch).got.keys()), normaliseRanges(ledger(epoch).lost))

  function take(lane: SpoolLane, value: unknown): void {
    counts.received += 1
    const reason = lane === 'event' ? refusedEvent(value) : refusedTelemetry(value)
    if (reason !== undefined) {
      counts.refused.push(reason)
      return
    }
    const { e, s, gap } = value as { e: string; s: number; gap?: Range }
    const { got, lost } = ledger(e)
    if (got.has(s)) counts.duplicates += 1
    else got.set(s, { lane, text: JSON.stringify(value) })
    if (gap) lost.push(gap)
  }

  const receiptFor = (epoch: string): Receipt => {
    const ranges = covered(epoch)
    const upto = contiguousUpto(ranges)
    const have = ranges.filter(([from]) => from > upto).map(([from, to]): [number, number] => [from, to]).slice(0, 256)
    return { e: epoch, upto, ...(have.length > 0 && { have }) }
  }

  return {
    counts,
    receive(lane, payload) {
      const parsed: unknown = JSON.parse(payload)
      if (payload.length > 64 * 1024) counts.refused.push('payload over 64 KiB')
      for (const value of Array.isArray(parsed) ? parsed : [parsed]) take(lane, value)
    },
    receiptFor,
    answerOnline(epoch, upto) {
      const receipt = receiptFor(epoch)
      return upto > receipt.upto ? { ...receipt, rewind: receipt.upto + 1 } : receipt
    },
    stored: (epoch) => ledger(epoch).got,
    lost: (epoch) => subtractRanges(normaliseRanges(ledger(epoch).lost), rangesOf(ledger(epoch).got.keys())),
    snapshot() {
      const copy = new Map([...epochs].map(([epoch, { got, lost }]) => [epoch, { got: new Map(got), lost: [...lost] }]))
      return () => {
        epochs = copy
      }
    },
  }
}

function refusedTelemetry(value: unknown): string | undefined {
  const reading = readTelemetryObject(value)
  if (!reading.ok) return reading.reason
  return isGapNotice(reading.object) && reading.object.gap[1] >= reading.object.s ? 'gap beyond its number' : undefined
}

function refusedEvent(value: unknown): string | undefined {
  const checked = checkDeviceEvent(value)
  return checked.ok ? undefined : checked.reason
}
