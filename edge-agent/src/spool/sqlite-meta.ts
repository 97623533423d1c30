import type { DatabaseSync } from 'node:sqlite'
import { normaliseRanges, type Range } from '@vigil/contract/ranges'

export function readMeta(db: DatabaseSync, key: string): string | undefined {
  const value = db.prepare('select value from meta where key = ?').get(key)?.['value']
  return typeof value === 'string' ? value : undefined
}

/** 0 when it is not there; NaN when it is no number. */
export function readNumber(db: DatabaseSync, key: string): number {
  return Number(readMeta(db, key) ?? 0)
}

/** None when they are not there or cannot be read: then everything counts as unconfirmed, which costs only a sending. */
export function readRanges(db: DatabaseSync, key: string): Range[] {
  try {
    return normaliseRanges(JSON.parse(readMeta(db, key) ?? '[]') as Range[])
  } catch {
    return []
  }
}

export function writeMeta(db: DatabaseSync, key: string, value: string): void {
  metaWriter(db, key)(value)
}

/** For what is written with every object: the statement is understood once. */
export function metaWriter(db: DatabaseSync, key: string): (value: string) => void {
  const write = db.prepare('insert into meta values (?, ?) on conflict (key) do update set value = excluded.value')
  return (value) => void write.run(key, value)
}

/** Highest number of this epoch that is here or must not be given. */
export function lastSeqOf(db: DatabaseSync): number {
  return Math.max(readNumber(db, 'skipped') || 0, Number(db.prepare('select max(seq) as last from record').get()?.['last'] ?? 0))
}

/** All or nothing: after an error nothing of it is there. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('begin immediate')
  try {
    const result = work()
    db.exec('commit')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}

/** On the disk when it returns, with everything before it, whatever the policy; afterwards the policy is in force again. */
export function inForcedTransaction<T>(db: DatabaseSync, policy: 'full' | 'normal', work: () => T): T {
  if (policy === 'full') return inTransaction(db, work)
  db.exec('pragma synchronous = full')
  try {
    return inTransaction(db, work)
  } finally {
    db.exec('pragma synchronous = normal')
  }
}
