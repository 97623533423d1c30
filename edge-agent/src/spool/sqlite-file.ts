import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@vigil/contract/errors'

/** Result codes of SQLite, https://sqlite.org/rescode.html. */
const SQLITE_ERROR = 1
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26

/** Primary result code; extended codes carry detail in the higher bytes. */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

export const isFull = (error: unknown): boolean => resultCode(error) === SQLITE_FULL
/** The file does not hold together: broken pages, no database at all, or one without the tables that belong in it. */
export const isCorrupt = (error: unknown): boolean => [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR].includes(resultCode(error) ?? -1)

export interface SqliteFileOptions {
  readonly path: string
  /** `full`: on the disk before an object is sent (default). `normal`: a power cut may take the last seconds, an SD card wears less. */
  readonly synchronous: 'full' | 'normal'
}

// A checkpoint every 64 pages keeps the write-ahead log near 256 KiB: it is written over and over in place, so a full disk
// finds its room already taken, and recovery after a power cut reads little.
const CHECKPOINT_PAGES = 64

export function openFile({ path, synchronous }: SqliteFileOptions): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(path)
  try {
    // What was measured is for the agent alone to read; the write-ahead log takes its mode from the file.
    chmodSync(path, 0o600)
    db.exec(`
      pragma journal_mode = wal;
      pragma synchronous = ${synchronous};
      pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};
      pragma temp_store = memory;
      create table if not exists meta (key text primary key, value text not null) without rowid;
      create table if not exists record (seq integer primary key, kind integer not null, boot integer not null, body text not null, crc integer);
      create index if not exists event_by_seq on record (seq) where kind = 1;
      create index if not exists gap_by_seq on record (seq) where kind = 2;
    `)
    // A spool of an agent that knew no checksums yet: its records go without.
    const hasChecksums = db.prepare(`select 1 from pragma_table_info('record') where name = 'crc'`).get() !== undefined
    if (!hasChecksums) db.exec('alter table record add column crc integer')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** False when the file does not hold together; reads every page. */
export function isSound(db: DatabaseSync): boolean {
  try {
    const rows = db.prepare('pragma quick_check(1)').all()
    return rows.length === 1 && Object.values(rows[0] ?? {})[0] === 'ok'
  } catch (error) {
    if (isCorrupt(error)) return false
    throw error
  }
}

/** Moves a broken file aside, where an engineer can look at it; the one before it makes room. Answers its new name. */
export function quarantine(path: string): string {
  const aside = `${path}.corrupt`
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(aside + suffix, { force: true })
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  }
  return aside
}

export interface FileLock {
  release(): void
}

/**
 * One agent per spool: two would give the same number twice. Held by the operating system, so a crash lets go of it.
 *
 * @throws AppError `START_FAILED` when another process has it.
 */
export function lockFile(path: string): FileLock {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(`${path}.lock`)
  try {
    lock.exec('pragma locking_mode = exclusive; pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    lock.close()
    if (resultCode(error) !== SQLITE_BUSY) throw error
    throw new AppError('START_FAILED', `Another agent is running with the spool ${path}. Stop it, or give this one a data directory of its own.`, { cause: error })
  }
  return { release: () => lock.close() }
}

/** Bytes a program without privileges may still write where `path` is. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path))
  return bavail * bsize
}
