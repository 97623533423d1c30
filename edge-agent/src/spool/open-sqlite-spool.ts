import { randomBytes } from 'node:crypto'
import { type DatabaseSync } from 'node:sqlite'
import { type Range, normaliseRanges, subtractRanges } from '@vigil/contract/ranges'
import { type Farewell, type SpoolStore } from './spool-store.ts'
import { type FileLock, isCorrupt, isSound, lockFile, openFile, quarantine } from './sqlite-file.ts'
import { growth } from './sqlite-growth.ts'
import { inTransaction, readMeta, writeMeta } from './sqlite-meta.ts'
import { SqliteSpoolStore } from './sqlite-spool-store.ts'

export interface SqliteSpoolOptions {
  readonly path: string
  /** Size the file may reach; then the oldest objects make room. Default 200 MB: more than 7 days at one object a second. */
  readonly limitBytes?: number
  readonly synchronous?: 'full' | 'normal'
  /** Told when the file was broken and a new epoch begins. */
  readonly onQuarantine?: (aside: string, lost: Farewell | undefined) => void
  /** Free bytes on the disk; only a test gives another. */
  readonly spareBytes?: () => number
}

const DEFAULT_LIMIT_BYTES = 200 * 1024 * 1024

/**
 * The spool on an SD card or disk. Survives kill -9, a power cut with a torn or lost tail, and a full disk; a file that no
 * longer holds together is put aside and a new epoch begins.
 *
 * @throws AppError `START_FAILED` when another agent has this spool.
 */
export function openSqliteSpool(options: SqliteSpoolOptions): SpoolStore {
  const lock = lockFile(options.path)
  try {
    return openStore(options, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function openStore(options: SqliteSpoolOptions, lock: FileLock): SpoolStore {
  const { path, synchronous = 'full' } = options
  const sound = openSound(path, synchronous)
  if (sound) return storeOn(sound, options, lock)
  const farewell = lastWords(path)
  const aside = quarantine(path)
  options.onQuarantine?.(aside, farewell)
  const db = openFile({ path, synchronous })
  if (farewell) writeMeta(db, 'farewell', JSON.stringify(farewell))
  return storeOn(db, options, lock)
}

function openSound(path: string, synchronous: 'full' | 'normal'): DatabaseSync | undefined {
  let db: DatabaseSync | undefined
  try {
    db = openFile({ path, synchronous })
    // Reading every page takes seconds on a card; a spool that was closed in order needs no look.
    if (readMeta(db, 'clean') !== '0' || isSound(db)) return db
  } catch (error) {
    if (!isCorrupt(error)) throw error
  }
  db?.close()
  return undefined
}

/** What can still be read from a broken file: which numbers are gone with it. */
function lastWords(path: string): Farewell | undefined {
  try {
    const db = openFile({ path, synchronous: 'full' })
    try {
      const epoch = readMeta(db, 'epoch')
      const last = Math.max(Number(readMeta(db, 'skipped') ?? 0), Number(db.prepare('select max(seq) as last from record').get()?.['last'] ?? 0))
      const covered = JSON.parse(readMeta(db, 'covered') ?? '[]') as Range[]
      const gaps = last > 0 ? subtractRanges([[1, last]], normaliseRanges(covered)) : []
      return epoch === undefined || gaps.length === 0 ? undefined : { epoch, next: last + 1, gaps }
    } finally {
      db.close()
    }
  } catch {
    // Nothing can be read: the server will see the old epoch simply end.
    return undefined
  }
}

function storeOn(db: DatabaseSync, options: SqliteSpoolOptions, lock: FileLock): SpoolStore {
  const epoch = readMeta(db, 'epoch') ?? randomBytes(4).toString('hex')
  const boot = Number(readMeta(db, 'boot') ?? 0) + 1
  inTransaction(db, () => {
    writeMeta(db, 'epoch', epoch)
    writeMeta(db, 'boot', String(boot))
    writeMeta(db, 'clean', '0')
  })
  return new SqliteSpoolStore(db, { epoch, boot, lock, growth: growth(db, options.path, options.limitBytes ?? DEFAULT_LIMIT_BYTES, options.spareBytes) })
}

