import type { SignalName } from '@vigil/contract'
import { firstFrom } from './columns.ts'

export type NumberColumn = 'seq' | 'ledger_no' | 'lag_ms' | 'flags'

/** Samples of a span in order of time, column by column, whether their hour is closed or not. */
export interface Rows {
  /** Milliseconds since the Unix epoch. */
  readonly t: Float64Array
  readonly numbers: ReadonlyMap<NumberColumn, Float64Array>
  /** NaN where a sample does not hold the signal. */
  readonly signals: ReadonlyMap<SignalName, Float64Array>
  /** Packed as `contract/src/quality.ts` does; empty unless asked for. */
  readonly quality: readonly (Uint8Array | undefined)[]
}

/** The places of one part in each column. */
export interface Part {
  /** Milliseconds since the Unix epoch, in order; to be filled, as those of numbers are. */
  readonly t: Float64Array
  number(name: NumberColumn): Float64Array
  /** NaN until it is filled; only for a signal the part holds. */
  signal(name: SignalName): Float64Array
  /** Of each row; not said for a part that has none. */
  remark(quality: readonly (Uint8Array | undefined)[]): void
}

/** Rows being put together part by part, each written to where it stays: a day of one vital is 86,400 times and as many values. */
export class RowsUnderWay {
  readonly #room: number
  readonly #t: Float64Array
  readonly #numbers: ReadonlyMap<NumberColumn, Float64Array>
  readonly #signals = new Map<SignalName, Float64Array>()
  #quality: (Uint8Array | undefined)[] = []
  #length = 0
  #inOrder = true

  /** @param room rows of all parts */
  constructor(room: number, numbers: readonly NumberColumn[]) {
    this.#room = room
    this.#t = new Float64Array(room)
    this.#numbers = new Map(numbers.map((name) => [name, new Float64Array(room)]))
  }

  /** Behind what is there. `fill` writes all of it; then it is cut to the times from `fromMs` on and before `toMs`. */
  add(rows: number, fill: (part: Part) => void, [fromMs, toMs]: readonly [number, number] = [-Infinity, Infinity]): void {
    const [start, end] = [this.#length, this.#length + rows]
    const t = this.#t.subarray(start, end)
    let remarks: readonly (Uint8Array | undefined)[] = []
    fill({
      t,
      number: (name) => (this.#numbers.get(name) as Float64Array).subarray(start, end),
      signal: (name) => this.#signal(name).subarray(start, end),
      remark: (quality) => (remarks = quality),
    })
    const [from, to] = [firstFrom(t, fromMs), firstFrom(t, toMs)]
    if (from > 0 || to < rows) this.#cut(start, rows, from, to)
    if (to <= from) return
    // Late samples of an open hour lie among closed ones.
    if (start > 0 && (t[0] as number) < (this.#t[start - 1] as number)) this.#inOrder = false
    this.#length = start + to - from
    this.#remark(start, remarks.slice(from, to))
  }

  rows(): Rows {
    const order = this.#inOrder ? undefined : this.#order()
    const whole = (column: Float64Array) => (order ? Float64Array.from(order, (place) => column[place] as number) : column.subarray(0, this.#length))
    const all = <K>(columns: ReadonlyMap<K, Float64Array>) => new Map([...columns].map(([name, column]): [K, Float64Array] => [name, whole(column)]))
    const quality = order && this.#quality.length > 0 ? Array.from(order, (place) => this.#quality[place]) : this.#quality
    return { t: whole(this.#t), numbers: all(this.#numbers), signals: all(this.#signals), quality }
  }

  #signal(name: SignalName): Float64Array {
    const known = this.#signals.get(name)
    if (known) return known
    const column = new Float64Array(this.#room).fill(Number.NaN)
    this.#signals.set(name, column)
    return column
  }

  #cut(start: number, rows: number, from: number, to: number): void {
    for (const column of [this.#t, ...this.#numbers.values(), ...this.#signals.values()]) column.copyWithin(start, start + from, start + to)
    // The next part may not hold a signal this one held.
    for (const column of this.#signals.values()) column.fill(Number.NaN, start + Math.max(0, to - from), start + rows)
  }

  /** Rows of parts without a remark have none; while no part has one, the list stays empty. */
  #remark(start: number, quality: readonly (Uint8Array | undefined)[]): void {
    const without = (rows: number) => Array.from({ length: rows }, () => undefined)
    if (quality.length === 0 && this.#quality.length === 0) return
    if (this.#quality.length < start) this.#quality.push(...without(start - this.#quality.length))
    this.#quality = this.#quality.concat(quality.length > 0 ? quality : without(this.#length - start))
  }

  /** Places in order of time. Of one moment, what was added first stays first. */
  #order(): Uint32Array {
    const t = this.#t
    return Uint32Array.from({ length: this.#length }, (_, i) => i).sort((i, j) => (t[i] as number) - (t[j] as number) || i - j)
  }
}
