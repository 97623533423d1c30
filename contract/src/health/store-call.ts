import { numbersColumn, textsColumn } from './sent-columns.ts'
import type { HealthEvent } from './value.ts'
import type { ValueBatch } from './value-batch.ts'

/** Numbers that stand for names in the database. */
export type NameNumbers = ReadonlyMap<string, number>

export interface StoreCounts {
  /** Not there before. */
  readonly stored: number
  /** There with another value, which is replaced. */
  readonly changed: number
  /** There with the value of a whole day, which a part of the day does not replace. */
  readonly kept: number
}

/** What a program hands its own connection to PostgreSQL; the functions stand in the migrations. */
export interface StoreCall {
  readonly text: string
  readonly values: readonly unknown[]
}

export function namesCall(names: readonly string[]): StoreCall {
  return { text: 'select name, no from health_name_numbers($1::text[])', values: [names] }
}

const VALUES = 'select stored, changed, kept from store_health_values($1, $2, $3::int[], $4::int[], $5::int2[], $6::float8[], $7::float8[], $8::int2[], $9::bool[], $10::bool[], $11::float8[], $12::float8[], $13::float8[], $14::text[], $15::text[])'
const EVENTS = 'select stored, changed from store_health_events($1, $2, $3::text[], $4::float8[], $5::float8[], $6::int2[], $7::text[], $8::text[], $9::text[])'

export function valuesCall(personNo: number, importNo: number, names: NameNumbers, batch: ValueBatch): StoreCall {
  const { length, parts, raws } = batch
  const numbers = [...batch.names.keys()].map((name) => names.get(name) ?? Number.NaN)
  const columns = [
    numbersColumn('int4', length, (at) => numbers[batch.metrics[at] as number] as number),
    numbersColumn('int4', length, (at) => numbers[batch.sources[at] as number] as number),
    numbersColumn('int2', length, (at) => batch.aggregations[at] as number),
    numbersColumn('float8', length, (at) => batch.startsMs[at] as number),
    numbersColumn('float8', length, (at) => batch.endsMs[at] as number),
    numbersColumn('int2', length, (at) => batch.offsetMinutes[at] as number),
    numbersColumn('bool', length, (at) => batch.wholes[at] as number),
    numbersColumn('bool', length, (at) => batch.addUps[at] as number),
    numbersColumn('float8', length, (at) => batch.values[at] as number),
    numbersColumn('float8', length, (at) => batch.lows[at] as number),
    numbersColumn('float8', length, (at) => batch.highs[at] as number),
    textsColumn(length, (at) => parts.get(at)),
    textsColumn(length, (at) => raws.get(at)),
  ]
  return { text: VALUES, values: [personNo, importNo, ...columns] }
}

export function eventsCall(personNo: number, importNo: number, events: readonly HealthEvent[]): StoreCall {
  const count = events.length
  const numbers = (pick: (event: HealthEvent) => number | undefined) => (at: number) => pick(events[at] as HealthEvent) ?? Number.NaN
  const texts = (pick: (event: HealthEvent) => string) => textsColumn(count, (at) => pick(events[at] as HealthEvent))
  const columns = [
    texts(({ kind }) => kind),
    numbersColumn('float8', count, numbers(({ startMs }) => startMs)),
    numbersColumn('float8', count, numbers(({ endMs }) => endMs)),
    numbersColumn('int2', count, numbers(({ offsetMinutes }) => offsetMinutes)),
    texts(({ name }) => name),
    texts(({ source }) => source),
    texts(({ detail }) => detail),
  ]
  return { text: EVENTS, values: [personNo, importNo, ...columns] }
}
