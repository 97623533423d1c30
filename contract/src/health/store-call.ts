import { aggregations, type HealthEvent, type HealthValue } from './value.ts'

/** A row with what its export tells of the time it stands for. */
export interface PlacedValue extends HealthValue {
  /** Its period was over, and the export saw all of it. */
  readonly whole: boolean
  /** What it counts adds up over time, so that a part is never more than the whole. */
  readonly addsUp: boolean
}

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

/** Text of a PostgreSQL array of numbers or booleans. Written by hand: a general encoder takes longer than the statement. */
const plain = (items: readonly (number | boolean | undefined)[]): string => `{${items.map((item) => item ?? 'NULL').join()}}`
const texts = (items: readonly (string | undefined)[]): string =>
  `{${items.map((item) => (item === undefined ? 'NULL' : `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).join()}}`

/** No two rows of one call may be of the same key. */
export function valuesCall(personNo: number, importNo: number, names: NameNumbers, rows: readonly PlacedValue[]): StoreCall {
  const no = (name: string): number => names.get(name) as number
  return {
    text: VALUES,
    values: [
      personNo,
      importNo,
      plain(rows.map((row) => no(row.metric))),
      plain(rows.map((row) => no(row.source))),
      plain(rows.map((row) => aggregations.indexOf(row.aggregation))),
      plain(rows.map((row) => row.startMs)),
      plain(rows.map((row) => row.endMs)),
      plain(rows.map((row) => row.offsetMinutes)),
      plain(rows.map((row) => row.whole)),
      plain(rows.map((row) => row.addsUp)),
      plain(rows.map((row) => row.value)),
      plain(rows.map((row) => row.low)),
      plain(rows.map((row) => row.high)),
      texts(rows.map((row) => row.parts)),
      texts(rows.map((row) => row.raw)),
    ],
  }
}

export function eventsCall(personNo: number, importNo: number, events: readonly HealthEvent[]): StoreCall {
  return {
    text: EVENTS,
    values: [
      personNo,
      importNo,
      texts(events.map((event) => event.kind)),
      plain(events.map((event) => event.startMs)),
      plain(events.map((event) => event.endMs)),
      plain(events.map((event) => event.offsetMinutes)),
      texts(events.map((event) => event.name)),
      texts(events.map((event) => event.source)),
      texts(events.map((event) => event.detail)),
    ],
  }
}
