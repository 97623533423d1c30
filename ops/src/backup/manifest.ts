import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@vigil/contract'
import type { Applied } from '../migrations/migrate.ts'

/** Raised when the files change in a way an older release cannot read. */
export const FORMAT = 1
export const MANIFEST = 'manifest.json'

export interface SavedFile {
  /** Inside the backup. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface SavedTable extends SavedFile {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
  /** First days of its partitions, `2026-03-01`. */
  readonly partitions: readonly string[]
}

export interface Manifest {
  readonly format: number
  readonly madeAt: string
  /** Version of the server, for whoever wonders. */
  readonly server: string
  /** The schema: migrations applied, in order. */
  readonly migrations: readonly Applied[]
  /** In an order in which each finds what it refers to. */
  readonly tables: readonly SavedTable[]
  /** Last number given, by sequence. */
  readonly sequences: Readonly<Record<string, number>>
  /** Secrets and TLS files of the ward, readable by the owner alone. */
  readonly files: readonly SavedFile[]
}

/** @throws AppError `BACKUP_DAMAGED` when the folder is no backup, or of a newer release */
export function readManifest(folder: string): Manifest {
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest
  } catch (cause) {
    throw new AppError('BACKUP_DAMAGED', `${folder} is no whole backup: its ${MANIFEST} cannot be read. It is written last, so the backup may have been broken off.`, { cause })
  }
  if (manifest.format !== FORMAT) throw new AppError('BACKUP_DAMAGED', `${folder} has format ${String(manifest.format)}, this release reads ${FORMAT}. Restore it with the release that made it.`)
  return manifest
}

/** Reads every file and compares. @throws AppError `BACKUP_DAMAGED` naming the first one that is not as it was */
export async function assertWhole(folder: string, { tables, files }: Manifest): Promise<void> {
  for (const { path, sha256 } of [...tables, ...files]) {
    const found = await sha256Of(join(folder, path)).catch(() => undefined)
    if (found !== sha256) throw new AppError('BACKUP_DAMAGED', `${path} in ${folder} ${found === undefined ? 'is missing' : 'is not as it was saved'}. Nothing was restored; take another backup.`, { details: { path } })
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
