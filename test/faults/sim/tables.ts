import { type Range, subtractRanges, unionRanges } from '@vigil/contract'

export interface LedgerRow {
  readonly no: number
  readonly deviceNo: number
  readonly epoch: string
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
  readonly rows: StoredRow[]
  readonly feed: number[]
  nextLedgerNo: number

  constructor(from?: Tables) {
    this.ledger = new Map(from?.ledger)
    this.rows = [...(from?.rows ?? [])]
    this.feed = [...(from?.feed ?? [])]
    this.nextLedgerNo = from?.nextLedgerNo ?? 1
  }
}

export function ledgerKey(deviceNo: number, epoch: string): string {
  return `${deviceNo}/${epoch}`
}

export function withNumbers(row: LedgerRow, got: readonly Range[], lost: readonly Range[]): LedgerRow {
  const all = unionRanges(row.got, got)
  return { ...row, got: all, lost: subtractRanges(unionRanges(row.lost, lost), all) }
}
