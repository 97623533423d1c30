import { aggregations, type HealthEvent, type HealthValue } from './value.ts'

/** A row with what its export tells of the time it stands for. */
export interface PlacedValue {
  readonly value: HealthValue
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

type Plain = number | boolean | undefined

/** Text of a PostgreSQL array, made while the rows are walked once: a general encoder takes longer than the statement. */
function plain<Row>(rows: readonly Row[], pick: (row: Row) => Plain): string {
  let text = ''
  for (const row of rows) text += `,${pick(row) ?? 'NULL'}`
  return `{${text.slice(1)}}`
}

function texts<Row>(rows: readonly Row[], pick: (row: Row) => string | undefined): string {
  let text = ''
  for (const row of rows) {
    const item = pick(row)
    text += item === undefined ? ',NULL' : `,"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  }
  return `{${text.slice(1)}}`
}

/** No two rows of one call may be of the same key. */
export function valuesCall(personNo: number, importNo: number, names: NameNumbers, rows: readonly PlacedValue[]): StoreCall {
  const numbers = (pick: (value: HealthValue) => Plain) => plain(rows, ({ value }) => pick(value))
  const columns = [
    numbers(({ metric }) => names.get(metric)),
    numbers(({ source }) => names.get(source)),
    numbers(({ aggregation }) => aggregations.indexOf(aggregation)),
    numbers(({ startMs }) => startMs),
    numbers(({ endMs }) => endMs),
    numbers(({ offsetMinutes }) => offsetMinutes),
    plain(rows, ({ whole }) => whole),
    plain(rows, ({ addsUp }) => addsUp),
    numbers(({ value }) => value),
    numbers(({ low }) => low),
    numbers(({ high }) => high),
    texts(rows, ({ value }) => value.parts),
    texts(rows, ({ value }) => value.raw),
  ]
  return { text: VALUES, values: [personNo, importNo, ...columns] }
}

export function eventsCall(personNo: number, importNo: number, events: readonly HealthEvent[]): StoreCall {
  const columns = [
    texts(events, ({ kind }) => kind),
    plain(events, ({ startMs }) => startMs),
    plain(events, ({ endMs }) => endMs),
    plain(events, ({ offsetMinutes }) => offsetMinutes),
    texts(events, ({ name }) => name),
    texts(events, ({ source }) => source),
    texts(events, ({ detail }) => detail),
  ]
  return { text: EVENTS, values: [personNo, importNo, ...columns] }
}
