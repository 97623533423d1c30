import { AppError, type Clock, type Completeness, countRanges, normaliseRanges, type Range, subtractRanges } from '@vigil/contract'
import { NUMBERED_BY_TIME } from '@vigil/contract/numbered-by-time'
import type { Registry } from '../registry/registry.ts'
import type { LedgerFact, LedgerStore } from './ledger.ts'

/** Numbers of one epoch that were measured on one day: the lowest and the highest. */
export interface DayPart {
  readonly day: string
  readonly ledgerNo: number
  readonly lowest: number
  readonly highest: number
}

export interface StoredDays {
  /** Start of the first day. */
  readonly fromMs: number
  /** Every day, also without anything, oldest first. */
  readonly days: readonly string[]
  /** Oldest first. */
  readonly parts: readonly DayPart[]
}

/** Port: which numbers were measured on which day. */
export interface CompletenessStore {
  days(deviceNo: number, asked: { readonly nowMs: number; readonly days: number; readonly zone: string }): Promise<StoredDays>
}

export interface CompletenessService {
  /** @throws AppError NOT_FOUND, INVALID_REQUEST, DATABASE_AWAY */
  byDay(deviceId: string, asked: { readonly days: number; readonly zone: string }): Promise<Completeness>
}

type Day = Completeness['days'][number]

export function createCompleteness(options: { store: CompletenessStore; ledger: Pick<LedgerStore, 'epochs'>; registry: Registry; clock: Clock }): CompletenessService {
  const { store, ledger, registry, clock } = options
  return {
    async byDay(deviceId, { days, zone }) {
      const device = registry.now().devices.get(deviceId)
      if (!device) throw new AppError('NOT_FOUND', `There is no device ${deviceId}.`)
      assertZone(zone)
      const stored = await store.days(device.no, { nowMs: clock.now(), days, zone })
      return { zone, days: countDays(stored, await ledger.epochs(device.no, stored.fromMs, undefined)) }
    },
  }
}

function assertZone(zone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone })
  } catch (cause) {
    throw new AppError('INVALID_REQUEST', `There is no time zone ${zone}. Write it as Europe/Warsaw or UTC.`, { cause })
  }
}

/**
 * Cuts the numbers of each epoch into days: a day has those above the highest of the day before, up to its own highest. So
 * every number belongs to exactly one day, and a hole across midnight to the day that ended it.
 */
export function countDays({ fromMs, days, parts }: StoredDays, epochs: readonly LedgerFact[]): Day[] {
  const sums = new Map(days.map((day): [string, Day] => [day, { day, expected: 0, received: 0, missing: 0, lost: 0 }]))
  for (const epoch of epochs) {
    let before = epoch.firstAtMs >= fromMs ? 0 : undefined
    for (const part of parts.filter(({ ledgerNo }) => ledgerNo === epoch.no)) {
      const first: number = before === undefined ? part.lowest : before + 1
      const sum = sums.get(part.day)
      // Nothing above the day before: all of it came out of order and is counted there.
      if (!sum || part.highest < first) continue
      before = part.highest
      sums.set(part.day, added(sum, epoch, [first, part.highest]))
    }
  }
  return [...sums.values()]
}

function added(sum: Day, { epoch, got, lost }: LedgerFact, numbers: Range): Day {
  const all = numbers[1] - numbers[0] + 1
  const absent = subtractRanges([numbers], normaliseRanges(got))
  const missing = NUMBERED_BY_TIME.test(epoch) ? 0 : countRanges(absent)
  const received = all - countRanges(absent)
  const givenUp = missing === 0 ? 0 : missing - countRanges(subtractRanges(absent, normaliseRanges(lost)))
  return { ...sum, expected: sum.expected + received + missing, received: sum.received + received, missing: sum.missing + missing, lost: sum.lost + givenUp }
}
