import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { isAppError } from '@vigil/contract/errors'
import { countRanges } from '@vigil/contract/ranges'
import { dropBallast, layUpBallast } from './ballast.ts'
import { type EpochMark, farewellOf, readMark } from './epoch-mark.ts'
import { thisMachineStart } from './machine-start.ts'
import { tornTail } from './number-reserve.ts'
import type { Farewell, LostStore, SpoolStore } from './spool-store.ts'
import { type FileLock, freeBytes, isCorrupt, isSound, lockFile, openFile, quarantine } from './sqlite-file.ts'
import { growth } from './sqlite-growth.ts'
import { lastWords } from './sqlite-last-words.ts'
import { inForcedTransaction, lastSeqOf, readMeta, readNumber, readRanges, writeMeta } from './sqlite-meta.ts'
import { SqliteSpoolStore } from './sqlite-spool-store.ts'

export interface SqliteSpoolOptions {
  readonly path: string
  /** Size the file may reach; then the oldest objects make room. Default 200 MB: more than 7 days at one object a second. */
  readonly limitBytes?: number
  readonly synchronous?: 'full' | 'normal'
  /** Told when the file was broken or gone and a new epoch begins; `aside` is where what is left of it was put. */
  readonly onLost?: (lost: LostStore, aside: string | undefined) => void
  /** Free bytes on the disk; only a test gives another. */
  readonly spareBytes?: () => number
  /** Names this start of the machine; only a test gives another. `undefined`: nothing tells, as after a power cut. */
  readonly machineStart?: () => string | undefined
}

const DEFAULT_LIMIT_BYTES = 200 * 1024 * 1024

/**
 * The spool on an SD card or disk. Survives kill -9, a power cut with a torn or lost tail, and a full disk; a file that no
 * longer holds together is put aside and a new epoch begins, which says what went with the old one.
 *
 * @throws AppError `START_FAILED` when another agent has this spool.
 */
export function openSqliteSpool(options: SqliteSpoolOptions): SpoolStore {
  const { path, spareBytes = () => freeBytes(path) } = options
  const lock = lockFile(path)
  try {
    const store = orWithoutBallast(path, () => openStore(options, lock))
    layUpBallast(path, spareBytes())
    return store
  } catch (error) {
    lock.release()
    throw error
  }
}

function orWithoutBallast<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (isAppError(error) || !dropBallast(path)) throw error
    return open()
  }
}

function openStore(options: SqliteSpoolOptions, lock: FileLock): SpoolStore {
  const { path, synchronous = 'full' } = options
  const mark = readMark(path)
  const isGone = mark !== undefined && !existsSync(path)
  const sound = isGone ? undefined : openSound(path, synchronous, mark?.epoch)
  if (sound) return orClosed(sound, () => storeOn(sound, options, lock))
  const begun = isGone ? lossOf(mark, farewellOf(mark)) : lossOf(mark, lastWords(path) ?? (mark && farewellOf(mark)))
  const aside = isGone ? undefined : quarantine(path)
  options.onLost?.(begun.lost, aside)
  const db = openFile({ path, synchronous })
  return orClosed(db, () => storeOn(db, options, lock, begun))
}

/** What the file still says is exact; the mark beside it knows the loss only within its last reservation. */
function lossOf(mark: EpochMark | undefined, farewell: Farewell | undefined): Begun {
  if (farewell) return { lost: { epoch: farewell.epoch, objects: countRanges(farewell.gaps) }, farewell }
  return { lost: { epoch: mark?.epoch, objects: mark && 0 }, farewell }
}

function orClosed<T>(db: DatabaseSync, use: () => T): T {
  try {
    return use()
  } catch (error) {
    db.close()
    throw error
  }
}

/** `undefined` when the file does not hold together, or is another epoch's than the mark beside it says. */
function openSound(path: string, synchronous: 'full' | 'normal', epoch: string | undefined): DatabaseSync | undefined {
  let db: DatabaseSync | undefined
  try {
    db = openFile({ path, synchronous })
    const holds = isSound(db) && isReadable(db)
    const known = readMeta(db, 'epoch')
    if (holds && (epoch === undefined || known === epoch)) return db
  } catch (error) {
    if (!isCorrupt(error)) throw error
  }
  db?.close()
  return undefined
}

/** Whether the facts about the spool are facts. */
function isReadable(db: DatabaseSync): boolean {
  return [readNumber(db, 'boot'), readNumber(db, 'skipped'), readNumber(db, 'reserved'), readNumber(db, 'lost_before')].every((value) => Number.isSafeInteger(value) && value >= 0)
}

interface Begun {
  readonly lost: LostStore
  readonly farewell: Farewell | undefined
}

function storeOn(db: DatabaseSync, options: SqliteSpoolOptions, lock: FileLock, begun?: Begun): SpoolStore {
  const { path, limitBytes = DEFAULT_LIMIT_BYTES, spareBytes, synchronous = 'full', machineStart = thisMachineStart } = options
  const epoch = readMeta(db, 'epoch') ?? randomBytes(4).toString('hex')
  const boot = readNumber(db, 'boot') + 1
  const start = machineStart()
  const mark = readMark(path)
  const torn = tornTail({
    last: lastSeqOf(db),
    reserved: readNumber(db, 'reserved'),
    reservedByMark: mark?.epoch === epoch ? mark.reserved : 0,
    endedInOrder: readMeta(db, 'clean') === '1',
    forcedEach: readMeta(db, 'synchronous') !== 'normal',
    sameMachineStart: start !== undefined && readMeta(db, 'machine_start') === start,
  })
  inForcedTransaction(db, synchronous, () => {
    const facts: Record<string, string> = { epoch, boot: String(boot), clean: '0', synchronous, machine_start: start ?? '' }
    if (torn) Object.assign(facts, { skipped: String(torn[1]), torn: JSON.stringify([...readRanges(db, 'torn'), torn]) })
    if (begun?.farewell) Object.assign(facts, { farewell: JSON.stringify(begun.farewell), lost_before: String(begun.lost.objects ?? 0) })
    for (const [key, value] of Object.entries(facts)) writeMeta(db, key, value)
  })
  return new SqliteSpoolStore(db, { path, epoch, boot, lock, synchronous, lostStore: begun?.lost, growth: growth(db, path, limitBytes, spareBytes) })
}
