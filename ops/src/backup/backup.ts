import { createHash } from 'node:crypto'
import { copyFileSync, createWriteStream, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { AppError, type Clock } from '@vigil/contract'
import { readApplied } from '../migrations/migrate.ts'
import { withClient } from '../postgres/database.ts'
import { CopyToUs } from './copy-stream.ts'
import { FORMAT, MANIFEST, type Manifest, type SavedFile, type SavedTable, sha256Of } from './manifest.ts'
import { readSequences, type Table, tablesInOrder } from './tables.ts'

export interface BackupOptions {
  readonly databaseUrl: string
  /** Folder to make; must not be there yet. */
  readonly into: string
  /** Data directory whose secrets and TLS files come along; none with a database of one's own. */
  readonly dataDir?: string | undefined
  readonly clock: Clock
}

/** Folders of the data directory without which a restored ward would let no board in. */
export const KEPT_FOLDERS = ['secrets', 'tls'] as const
/** A whole year takes its time; this only ends a wait for a server that has gone. */
export const COPY_LIMIT_MS = 24 * 3_600_000
/** The packed hours hardly shrink; more effort would buy nothing. */
const GZIP = { level: 3 }

/**
 * One moment of the whole database, while the ward runs: everything is read in one repeatable-read transaction, streamed and
 * compressed, a file a table. The manifest is written last: a folder without one is no backup.
 */
export async function backup({ databaseUrl, into, dataDir, clock }: BackupOptions): Promise<Manifest> {
  if (existsSync(into)) throw new AppError('BACKUP_TARGET', `${into} is there already. Choose a folder that is not.`)
  mkdirSync(into, { recursive: true, mode: 0o700 })
  const manifest = await withClient(databaseUrl, async (client) => {
    await client.query('begin isolation level repeatable read read only')
    const migrations = await readApplied(client)
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`)
    const tables: SavedTable[] = []
    for (const table of await tablesInOrder(client)) tables.push(await saveTable(client, table, into))
    const sequences = await readSequences(client)
    await client.query('commit')
    return { format: FORMAT, madeAt: new Date(clock.now()).toISOString(), server: rows[0]?.version ?? '', migrations, tables, sequences, files: await saveFiles(dataDir, into) }
  }, COPY_LIMIT_MS)
  writeFileSync(join(into, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`, { mode: 0o600, flush: true })
  return manifest
}

async function saveTable(client: pg.Client, { name, columns, partitions }: Table, into: string): Promise<SavedTable> {
  const path = `${name}.copy.gz`
  const packed = createGzip(GZIP)
  const hash = createHash('sha256')
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      hash.update(chunk)
      bytes += chunk.length
      next(null, chunk)
    },
  })
  const written = pipeline(packed, measure, createWriteStream(join(into, path), { mode: 0o600, flush: true }))
  let full: Promise<void> | undefined
  const write = (chunk: Buffer): Promise<void> | undefined => {
    if (packed.write(chunk)) return undefined
    full ??= once(packed, 'drain').then(() => (full = undefined))
    return full
  }
  const list = columns.map((column) => client.escapeIdentifier(column)).join(', ')
  const copy = new CopyToUs(`copy (select ${list} from ${client.escapeIdentifier(name)}) to stdout (format binary)`, write)
  const copied = client.query(copy).done
  // A disk that refuses ends it too: `written` fails then.
  await Promise.race([copied, written])
  // A stream that is ending never says that it has drained, and the connection would stay paused for the next table.
  await Promise.race([full, written])
  packed.end()
  await written
  return { name, columns, partitions, rows: await copied, path, bytes, sha256: hash.digest('hex') }
}

async function saveFiles(dataDir: string | undefined, into: string): Promise<SavedFile[]> {
  const saved: SavedFile[] = []
  for (const folder of dataDir === undefined ? [] : KEPT_FOLDERS) {
    const from = join(dataDir ?? '', folder)
    if (!existsSync(from)) continue
    mkdirSync(join(into, folder), { mode: 0o700 })
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(folder, entry.name)
      copyFileSync(join(from, entry.name), join(into, path))
      saved.push({ path, bytes: statSync(join(into, path)).size, sha256: await sha256Of(join(into, path)) })
    }
  }
  return saved
}
