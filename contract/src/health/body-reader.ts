import { AppError } from '../errors.ts'
import { readHealthEvent } from './event.ts'
import { type BodyVisitor, JsonCutter, readText } from './json-cutter.ts'
import type { MetricHead } from './measure.ts'
import { healthMetric, metricName } from './metrics.ts'
import { readHealthRow } from './row.ts'
import type { Aggregation, EventSection, HealthEvent, HealthRefusal, HealthValue, HealthWarning } from './value.ts'

/** Told of everything a body holds, in its order. */
export interface HealthReceiver {
  value(value: HealthValue): void
  event(event: HealthEvent): void
  refused(what: string, why: HealthRefusal): void
  warned(warning: HealthWarning): void
}

interface OpenMetric {
  name: string | undefined
  units: string | undefined
  head: MetricHead | undefined
  /** Rows that came before the name and the unit did: some versions write `data` first. */
  waiting: string[]
}

/** Reads a body of Health Auto Export, text by text, into rows. `aggregation` is what the phone says of all of them. */
export class BodyReader implements BodyVisitor {
  readonly #receiver: HealthReceiver
  readonly #aggregation: Aggregation | undefined
  readonly #cutter = new JsonCutter(this)
  #metric: OpenMetric | undefined

  constructor(receiver: HealthReceiver, aggregation: Aggregation | undefined) {
    this.#receiver = receiver
    this.#aggregation = aggregation
  }

  /** @throws AppError MALFORMED_JSON */
  write(text: string): void {
    this.#cutter.write(text)
  }

  /** @throws AppError MALFORMED_JSON */
  end(): void {
    this.#cutter.end()
  }

  metricStarts(): void {
    this.#metric = { name: undefined, units: undefined, head: undefined, waiting: [] }
  }

  metricSays(what: 'name' | 'units', json: string): void {
    if (!this.#metric) return
    this.#metric[what] ??= readText(json) ?? (what === 'units' ? '' : undefined)
  }

  row(json: string): void {
    const metric = this.#metric
    if (!metric) return
    if (metric.name === undefined || metric.units === undefined) return void metric.waiting.push(json)
    this.#read((metric.head ??= this.#headOf(metric)), json)
  }

  metricEnds(): void {
    const metric = this.#metric
    if (!metric) return
    metric.head ??= this.#headOf(metric)
    for (const json of metric.waiting) this.#read(metric.head, json)
    this.#metric = undefined
  }

  element(section: EventSection, json: string): void {
    const reading = readHealthEvent(section, parse(json), json)
    if (reading.ok) this.#receiver.event(reading.event)
    else this.#receiver.refused(section, reading.why)
  }

  unreadable(why: 'too_large' | 'too_deep' | 'not_an_object'): void {
    this.#receiver.refused(this.#metric?.name ?? '', why)
  }

  #headOf({ name: written, units }: OpenMetric): MetricHead {
    const name = metricName(written) ?? ''
    return { name, unit: (units ?? '').slice(0, 40), known: healthMetric(name), aggregation: this.#aggregation }
  }

  #read(head: MetricHead, json: string): void {
    if (head.name === '') return this.#receiver.refused('', 'no_name')
    const reading = readHealthRow(head, parse(json))
    if (!reading.ok) return this.#receiver.refused(head.name, reading.why)
    for (const warning of reading.warnings) this.#receiver.warned(warning)
    this.#receiver.value(reading.value)
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (cause) {
    throw new AppError('MALFORMED_JSON', 'The body is not JSON. What came before is stored.', { cause })
  }
}
