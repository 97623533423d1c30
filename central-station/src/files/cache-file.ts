import { readFile } from 'node:fs/promises'
import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { makeFolderOf, replaceFile } from './durable-file.ts'

/** What the central station must know to go on while PostgreSQL is away, kept on disk for a restart in that time. */
export interface CacheFile {
  /** A part as it was at the last start; `undefined` when there was none. */
  read(part: string): unknown
  /** Remembers the newest value of a part; written shortly afterwards, several changes at once. */
  put(part: string, value: unknown): void
  flush(): Promise<void>
  stop(): Promise<void>
}

const WRITE_AFTER_MS = 1_000
/** A cache of another shape is no cache. */
const SHAPE = 1

export async function openCacheFile({ path, clock, log }: { path: string; clock: Clock; log: Log }): Promise<CacheFile> {
  await makeFolderOf(path)
  const stored = await load(path, log)
  const parts: Record<string, unknown> = { ...stored }
  let waiting: Stop | undefined
  let writing = Promise.resolve()

  const write = () => {
    waiting = undefined
    writing = writing
      .then(() => replaceFile(path, JSON.stringify({ shape: SHAPE, parts })))
      .catch((err: unknown) => log.error({ err }, 'cache.not_written'))
    return writing
  }
  const flush = async () => {
    if (waiting) {
      waiting()
      await write()
    }
    await writing
  }

  return {
    read: (part) => stored[part],
    put(part, value) {
      parts[part] = value
      waiting ??= clock.after(WRITE_AFTER_MS, () => void write())
    },
    flush,
    stop: flush,
  }
}

async function load(path: string, log: Log): Promise<Readonly<Record<string, unknown>>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.error({ err: error }, 'cache.not_read')
    return {}
  }
  try {
    const { shape, parts } = JSON.parse(text) as { shape?: number; parts?: Record<string, unknown> }
    return shape === SHAPE && parts ? parts : {}
  } catch (error) {
    log.error({ err: error }, 'cache.not_read')
    return {}
  }
}
