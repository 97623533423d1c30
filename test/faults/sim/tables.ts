import { normaliseRanges, type Range, subtractRanges, unionRanges } from '@vigil/contract'

export interface LedgerRow {
  readonly no: number
  readonly deviceNo: number
  readonly epoch: string
  readonly got: readonly Range[]
  readonly lost: readonly Range[]
  readonly folded: number
  readonly upto: number
}

/** Older numbers of a ledger row, from `from` up to the next page. */
export interface PageRow {
  readonly no: number
  readonly from: number
  readonly got: readonly Range[]
  readonly lost: readonly Range[]
}

/** What a committed transaction left: a row of `sample`, `device_event` or `dead_letter`. */
export interface StoredRow {
  readonly kind: 'sample' | 'event' | 'dead'
  readonly deviceNo: number
  /** 0: a dead letter without a number. */
  readonly ledgerNo: number
  readonly seq: number
  /** What tells one object from another. */
  readonly content: string
}

/** Everything committed. Copied whole for a snapshot: a stand-by that lags behind. */
export class Tables {
  readonly ledger: Map<string, LedgerRow>
  readonly pages: Map<string, PageRow>
  readonly rows: StoredRow[]
  readonly feed: number[]
  nextLedgerNo: number

  constructor(from?: Tables) {
    this.ledger = new Map(from?.ledger)
    this.pages = new Map(from?.pages)
    this.rows = [...(from?.rows ?? [])]
    this.feed = [...(from?.feed ?? [])]
    this.nextLedgerNo = from?.nextLedgerNo ?? 1
  }
}

export function ledgerKey(deviceNo: number, epoch: string): string {
  return `${deviceNo}/${epoch}`
}

export function pageKey({ no, from }: PageRow): string {
  return `${no}/${from}`
}

/** A row with the numbers of its pages. */
export function wholeRow(row: LedgerRow, pages: readonly PageRow[]): LedgerRow {
  const all = normaliseRanges([...row.got, ...pages.flatMap((page) => page.got)])
  return { ...row, got: all, lost: subtractRanges(normaliseRanges([...row.lost, ...pages.flatMap((page) => page.lost)]), all) }
}

export function withNumbers(row: LedgerRow, got: readonly Range[], lost: readonly Range[]): LedgerRow {
  const all = unionRanges(row.got, got)
  return { ...row, got: all, lost: subtractRanges(unionRanges(row.lost, lost), all) }
}
