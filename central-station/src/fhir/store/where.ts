import type { WardScope } from '@vigil/contract'
import { iso } from '../../iso.ts'
import { type Asked, valuesOf } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { type DateTest, readDate } from '../search/dates.ts'

/** Conditions of a statement with their values; every value goes through a placeholder. */
export class Where {
  readonly values: unknown[] = []
  readonly #parts: string[] = []

  place(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }

  add(condition: string): this {
    this.#parts.push(`(${condition})`)
    return this
  }

  /** Any of the values; none at all matches nothing. */
  addAny(column: string, values: readonly unknown[], type: string): this {
    return this.add(`${column} = any(${this.place(values)}::${type}[])`)
  }

  toString(): string {
    return this.#parts.length === 0 ? '' : `where ${this.#parts.join(' and ')}`
  }
}

/** A stay `s` is of the ward it is in, or was in last. The place holds the wards; NULL for all. */
export function inWards(place: string): string {
  return `(${place}::text[] is null or exists (select from bed wb where wb.id = s.bed_id and wb.ward_id = any(${place})))`
}

export function addWards(where: Where, wards: WardScope): void {
  if (wards !== null) where.add(inWards(where.place(wards)))
}

/** One date parameter on an instant, or on a period with `end` (open ends as `infinity`). */
export function addDates(where: Where, asked: Asked, name: string, { start, end = start, nowMs }: { start: string; end?: string; nowMs: number }): void {
  for (const values of valuesOf(asked, name)) where.add(values.map((value) => dateSql(where, readDate(value, nowMs), start, end)).join(' or '))
}

function dateSql(where: Where, { prefix, range }: DateTest, start: string, end: string): string {
  const from = () => `${where.place(iso(range.fromMs))}::timestamptz`
  const to = () => `${where.place(iso(range.toMs))}::timestamptz`
  switch (prefix) {
    case 'eq': return `${start} >= ${from()} and ${end} < ${to()}`
    case 'ne': return `${start} < ${from()} or ${end} >= ${to()}`
    case 'ap': return `${start} < ${to()} and ${end} >= ${from()}`
    case 'gt': return `${end} >= ${to()}`
    case 'ge': return `${end} >= ${from()}`
    case 'lt': return `${start} < ${from()}`
    case 'le': return `${start} < ${to()}`
    case 'sa': return `${start} >= ${to()}`
    default: return `${end} < ${from()}`
  }
}

export interface Keyset {
  /** What is sorted by, never null, with its type: the cursor carries it as text, exactly. */
  readonly by: string
  readonly type: string
  readonly id: string
  readonly idType: string
  readonly descending: boolean
  readonly cursor: Cursor | undefined
  readonly limit: number
}

/** The rest of a statement: rows after the cursor in the order asked for, one more than a page. Add conditions before. */
export function keyset(where: Where, { by, type, id, idType, descending, cursor, limit }: Keyset): { readonly key: string; readonly rest: string } {
  const [sign, direction] = descending ? ['<', 'desc'] : ['>', 'asc']
  if (cursor) where.add(`(${by}, ${id}) ${sign} (${where.place(cursor.key)}::${type}, ${where.place(cursor.id)}::${idType})`)
  return { key: `(${by})::text as cursor_key`, rest: `${where.toString()} order by ${by} ${direction}, ${id} ${direction} limit ${limit + 1}` }
}
