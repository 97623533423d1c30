import { type DatabaseSync } from 'node:sqlite'

export function readMeta(db: DatabaseSync, key: string): string | undefined {
  const value = db.prepare('select value from meta where key = ?').get(key)?.['value']
  return typeof value === 'string' ? value : undefined
}

export function writeMeta(db: DatabaseSync, key: string, value: string): void {
  db.prepare('insert into meta values (?, ?) on conflict (key) do update set value = excluded.value').run(key, value)
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
