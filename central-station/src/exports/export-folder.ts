import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Log } from '@vigil/program'
import { PRIVATE_FILE, replaceFile } from '../files/durable-file.ts'
import type { ExportFact } from './export-job.ts'

/** Jobs and their files, side by side in the data directory. */
export interface ExportFolder {
  /** Whatever an earlier run left. */
  load(): Promise<ExportFact[]>
  save(fact: ExportFact): Promise<void>
  remove(id: string): Promise<void>
  /** Writes a file from the beginning; a signal that fires ends it with its reason. */
  write(fact: ExportFact, lines: Readable, told: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void }): Promise<void>
  pathOf(id: string): string
  /** Bytes of a file that is whole. */
  sizeOf(id: string): Promise<number>
}

/** A level that costs little: packing must not hold up the wall, and the text shrinks to a tenth all the same. */
const PACKING = { level: 3 } as const

export function openExportFolder(folder: string, log: Log): ExportFolder {
  const factPath = (id: string) => join(folder, `${id}.json`)
  const pathOf = (id: string) => join(folder, `${id}.part`)
  return {
    pathOf,
    async load() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const facts: ExportFact[] = []
      for (const name of (await readdir(folder)).filter((each) => each.endsWith('.json'))) {
        try {
          facts.push(JSON.parse(await readFile(join(folder, name), 'utf8')) as ExportFact)
        } catch (err) {
          log.warn({ err }, 'export.not_read')
          await rm(join(folder, name), { force: true })
        }
      }
      return facts
    },
    save: (fact) => replaceFile(factPath(fact.id), JSON.stringify(fact)),
    async remove(id) {
      for (const path of [pathOf(id), factPath(id)]) await rm(path, { force: true })
    },
    async write({ id, gzip }, lines, { signal, onBytes }) {
      const file = createWriteStream(pathOf(id), { mode: PRIVATE_FILE })
      const watching = () => onBytes(file.bytesWritten)
      file.on('drain', watching)
      await (gzip ? pipeline(lines, createGzip(PACKING), file, { signal }) : pipeline(lines, file, { signal }))
      watching()
    },
    sizeOf: async (id) => (await stat(pathOf(id))).size,
  }
}
