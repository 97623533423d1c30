import { AppError, type CoreSignalName, coreSignals } from '@vigil/contract'
import { mergeRows } from '@vigil/contract/segments/segment-order'
import type { SegmentRows } from '@vigil/contract/segments/segment'
import type { RowFields } from '../store/copy-out.ts'

/** Columns of `sample` in the order in which `TakenRows` reads them; the device is known. */
export const TAKEN = ['t', 'seq', 'ledger_no', 'lag_ms', 'flags', ...coreSignals, 'quality', 'other::text'].join(', ')

/** PostgreSQL counts microseconds from 2000-01-01. */
const POSTGRES_EPOCH_US = Date.UTC(2000, 0, 1) * 1_000

export const noRows: SegmentRows = {
  t: new Float64Array(),
  seq: new Float64Array(),
  ledgerNo: new Float64Array(),
  lagMs: new Float64Array(),
  flags: new Float64Array(),
  values: new Map(),
  quality: [],
  other: [],
}

/** Gathers rows as they come, whatever their order. */
export class TakenRows {
  readonly #numbers = { t: [] as number[], seq: [] as number[], ledgerNo: [] as number[], lagMs: [] as number[], flags: [] as number[] }
  readonly #values = coreSignals.map((name): [CoreSignalName, number[]] => [name, []])
  readonly #quality: (Uint8Array | undefined)[] = []
  readonly #other: (string | undefined)[] = []

  get size(): number {
    return this.#other.length
  }

  /** @throws AppError `SEGMENT_NOT_EXACT` for a value that is not a number: a segment could not tell it from an absent one. */
  add(fields: RowFields): void {
    const { t, seq, ledgerNo, lagMs, flags } = this.#numbers
    t.push(fields.int64() + POSTGRES_EPOCH_US)
    seq.push(fields.int64())
    ledgerNo.push(fields.int32())
    lagMs.push(fields.int32())
    flags.push(fields.int16())
    for (const [name, column] of this.#values) {
      const value = fields.float32()
      if (Number.isNaN(value)) throw new AppError('SEGMENT_NOT_EXACT', `A sample holds no number as its ${name}; its hour stays as it is.`)
      column.push(value ?? Number.NaN)
    }
    this.#quality.push(fields.bytes())
    this.#other.push(fields.text())
  }

  /** The rows in the order of a segment. */
  rows(): SegmentRows {
    const column = (list: readonly number[]) => Float64Array.from(list)
    const { t, seq, ledgerNo, lagMs, flags } = this.#numbers
    const held = this.#values.filter(([, list]) => list.some((value) => !Number.isNaN(value)))
    const taken: SegmentRows = {
      t: column(t),
      seq: column(seq),
      ledgerNo: column(ledgerNo),
      lagMs: column(lagMs),
      flags: column(flags),
      values: new Map(held.map(([name, list]) => [name, column(list)])),
      quality: this.#quality,
      other: this.#other,
    }
    return mergeRows(taken, noRows)
  }
}
