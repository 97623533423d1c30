import { AppError, contiguousUpto, countRanges, type Ledger, normaliseRanges, type Range, subtractRanges, unionRanges } from '@vigil/contract'
import { NUMBERED_BY_TIME } from '@vigil/contract/numbered-by-time'
import { type AskedTimes, readTimeRange } from '../history/time-range.ts'
import { iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'

export interface LedgerFact {
  readonly no: number
  readonly epoch: string
  readonly got: readonly Range[]
  readonly lost: readonly Range[]
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** Port: the ledger of the durable lane. */
export interface LedgerStore {
  /** Epochs in which anything arrived in the time given, newest last. */
  epochs(deviceNo: number, fromMs: number | undefined, toMs: number | undefined): Promise<readonly LedgerFact[]>
  /**
   * Rows of samples and events that stand under a number more than once, by ledger number. Really counted: every row of the
   * device measured from `sinceMs` on is read (a day at 1 Hz in some 30 ms).
   */
  duplicates(deviceNo: number, sinceMs: number | undefined): Promise<ReadonlyMap<number, number>>
}

export interface LedgerService {
  /** @throws AppError NOT_FOUND, INVALID_RANGE, DATABASE_AWAY */
  read(deviceId: string, asked: AskedTimes): Promise<Ledger>
}

/** Up to so many numbers every row is counted; beyond it, those of the last days before the newest. */
const COUNT_ALL_UP_TO = 1_000_000
const COUNTED_MS = 2 * 86_400_000

export function createLedger({ store, registry }: { store: LedgerStore; registry: Registry }): LedgerService {
  return {
    async read(deviceId, asked) {
      const device = registry.now().devices.get(deviceId)
      if (!device) throw new AppError('NOT_FOUND', `There is no device ${deviceId}.`)
      const { fromMs, toMs } = readTimeRange(asked)
      const facts = await store.epochs(device.no, fromMs, toMs)
      const numbers = facts.reduce((sum, fact) => sum + countRanges(normaliseRanges(fact.got)), 0)
      const newestMs = Math.max(0, ...facts.map((fact) => fact.lastAtMs))
      const duplicates = await store.duplicates(device.no, fromMs ?? (numbers > COUNT_ALL_UP_TO ? newestMs - COUNTED_MS : undefined))
      return { epochs: facts.map((fact) => toEpoch(fact, duplicates.get(fact.no) ?? 0)) }
    },
  }
}

function toEpoch(fact: LedgerFact, duplicates: number): Ledger['epochs'][number] {
  const got = normaliseRanges(fact.got)
  const lost = normaliseRanges(fact.lost)
  const settled = unionRanges(got, lost)
  const highest = settled.at(-1)?.[1] ?? 0
  const received = countRanges(got)
  return {
    epoch: fact.epoch,
    upto: contiguousUpto(settled),
    received,
    missing: NUMBERED_BY_TIME.test(fact.epoch) ? 0 : highest - received,
    lost: countRanges(subtractRanges(lost, got)),
    duplicates,
    ranges: got.map(([from, to]): [number, number] => [from, to]),
    firstAt: iso(fact.firstAtMs),
    lastAt: iso(fact.lastAtMs),
  }
}
