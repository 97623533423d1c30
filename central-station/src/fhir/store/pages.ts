import type { Database } from '../../db/database.ts'
import type { Asked } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import type { Where } from './where.ts'

export interface Found<T> {
  readonly rows: readonly T[]
  readonly next: Cursor | undefined
  readonly total: number | undefined
}

/** Where counting is one look at an index or a small table. */
export async function countWhenAsked(database: Database, asked: Asked, from: string, where: Where): Promise<number | undefined> {
  if (!asked.isTotalWanted && asked.summary !== 'count') return undefined
  return (await database.query<{ n: number }>(`select count(*) as n from ${from} ${where.toString()}`, where.values))[0]?.n
}

export function pageOf<R extends { readonly id: string; readonly cursor_key: string }, T>(rows: readonly R[], count: number, total: number | undefined, toFacts: (row: R) => T): Found<T> {
  const last = rows.length > count ? rows[count - 1] : undefined
  return { rows: rows.slice(0, count).map(toFacts), next: last && { key: last.cursor_key, id: last.id }, total }
}
