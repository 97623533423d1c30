import { healthMetric } from './metrics.ts'
import { type Aggregation, aggregations, type HealthValue } from './value.ts'

/** Rows of one statement. */
const ROWS = 5_000

/** Rows of a batch that differ only in their time. */
interface Series {
  readonly metric: string
  readonly source: string
  readonly aggregation: Aggregation
  readonly metricAt: number
  readonly sourceAt: number
  readonly aggregationAt: number
  /** What it counts adds up over time, so that a part is never more than the whole. */
  readonly addsUp: boolean
  earliestMs: number
  latestMs: number
}

/**
 * Rows on their way to the database, one array a column. Half a million rows as objects outlive V8's young generation, as each waits for its statement: they
 * are copied twice, and the old generation grows by 100 MB of what nobody needs any more before it is looked at. Numbers in arrays are neither copied nor looked at.
 * NaN stands for nothing: no value is one.
 */
export class ValueBatch {
  length = 0
  /** Metrics and sources of these rows, in the order of their first row, and their place in it: what the columns hold. */
  readonly names = new Map<string, number>()
  readonly metrics = new Uint16Array(ROWS)
  readonly sources = new Uint16Array(ROWS)
  readonly aggregations = new Uint8Array(ROWS)
  readonly startsMs = new Float64Array(ROWS)
  readonly endsMs = new Float64Array(ROWS)
  readonly offsetMinutes = new Float64Array(ROWS)
  readonly wholes = new Uint8Array(ROWS)
  readonly addUps = new Uint8Array(ROWS)
  readonly values = new Float64Array(ROWS)
  readonly lows = new Float64Array(ROWS)
  readonly highs = new Float64Array(ROWS)
  /** Most rows have neither. */
  readonly parts = new Map<number, string>()
  readonly raws = new Map<number, string>()
  readonly #series = new Map<string, Series>()
  #lastSeries: Series | undefined

  get isFull(): boolean {
    return this.length >= ROWS
  }

  /**
   * Answers whether the row is a new one; the later of two for the same moment takes the place of the first, as it would in the next export.
   * `whole`: its period was over, and the export saw all of it.
   */
  put(value: HealthValue, whole: boolean): boolean {
    const series = this.#seriesOf(value)
    const known = this.#placeOf(series, value.startMs)
    const at = known < 0 ? this.length++ : known
    series.earliestMs = Math.min(series.earliestMs, value.startMs)
    series.latestMs = Math.max(series.latestMs, value.startMs)
    this.metrics[at] = series.metricAt
    this.sources[at] = series.sourceAt
    this.aggregations[at] = series.aggregationAt
    this.startsMs[at] = value.startMs
    this.endsMs[at] = value.endMs ?? Number.NaN
    this.offsetMinutes[at] = value.offsetMinutes ?? Number.NaN
    this.wholes[at] = Number(whole)
    this.addUps[at] = Number(series.addsUp)
    this.values[at] = value.value ?? Number.NaN
    this.lows[at] = value.low ?? Number.NaN
    this.highs[at] = value.high ?? Number.NaN
    keep(this.parts, at, value.parts)
    keep(this.raws, at, value.raw)
    return known < 0
  }

  /** Rows of one series follow each other, so it is seldom looked for. */
  #seriesOf({ metric, source, aggregation }: HealthValue): Series {
    const last = this.#lastSeries
    if (last && last.metric === metric && last.source === source && last.aggregation === aggregation) return last
    const key = `${metric} ${aggregation} ${source}`
    const series = this.#series.get(key) ?? this.#newSeries(metric, source, aggregation)
    this.#series.set(key, series)
    this.#lastSeries = series
    return series
  }

  #newSeries(metric: string, source: string, aggregation: Aggregation): Series {
    return {
      metric, source, aggregation, metricAt: this.#nameAt(metric), sourceAt: this.#nameAt(source), aggregationAt: aggregations.indexOf(aggregation),
      addsUp: healthMetric(metric)?.kind === 'total', earliestMs: Infinity, latestMs: -Infinity,
    }
  }

  #nameAt(name: string): number {
    const known = this.names.get(name) ?? this.names.size
    this.names.set(name, known)
    return known
  }

  /** Exports are in order of time, forwards or backwards: only a row in the middle has to be looked for, among those of one batch. */
  #placeOf({ metricAt, sourceAt, aggregationAt, earliestMs, latestMs }: Series, startMs: number): number {
    if (startMs > latestMs || startMs < earliestMs) return -1
    for (let at = this.length - 1; at >= 0; at--) if (this.startsMs[at] === startMs && this.metrics[at] === metricAt && this.sources[at] === sourceAt && this.aggregations[at] === aggregationAt) return at
    return -1
  }
}

function keep(texts: Map<number, string>, at: number, text: string | undefined): void {
  if (text !== undefined) texts.set(at, text)
  else if (texts.size > 0) texts.delete(at)
}
