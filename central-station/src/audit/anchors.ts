import { appendFile, readFile } from 'node:fs/promises'
import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { makeFolderOf, PRIVATE_FILE } from '../files/durable-file.ts'
import type { Anchor, ChainHead } from './verify-chain.ts'

/**
 * Where the chain stood, written down outside the database from time to time, into a file and into the log: cutting off
 * the end of the audit, or writing it anew, contradicts what stands there.
 */
export interface Anchors {
  /** Where the chain ends now. */
  moved(head: ChainHead): void
  read(): Promise<Anchor[]>
  stop(): Promise<void>
}

const EVERY_MS = 10 * 60_000
export const ANCHOR_FILE = 'audit-anchors.jsonl'

export async function openAnchors({ path, clock, log }: { path: string; clock: Clock; log: Log }): Promise<Anchors> {
  await makeFolderOf(path)
  let latest: ChainHead | undefined
  let written = 0
  let writing = Promise.resolve()
  const write = () => {
    const head = latest
    if (!head || head.seq <= written) return writing
    written = head.seq
    const anchor: Anchor = { atMs: clock.now(), seq: head.seq, hash: head.hash }
    log.info(anchor, 'audit.anchor')
    writing = writing.then(() => appendFile(path, `${JSON.stringify(anchor)}\n`, { mode: PRIVATE_FILE })).catch((err: unknown) => log.error({ err }, 'audit.anchor_not_written'))
    return writing
  }
  const stop: Stop = clock.every(EVERY_MS, () => void write())
  return {
    moved(head) {
      const first = latest === undefined
      if (!latest || head.seq > latest.seq) latest = head
      if (first) void write()
    },
    async read() {
      await writing
      const anchors = await readAnchors(path)
      return latest ? [...anchors, { ...latest, atMs: clock.now() }] : anchors
    },
    async stop() {
      stop()
      await write()
    },
  }
}

/** A line that cannot be read is left out: it was being written when the power went. */
export async function readAnchors(path: string): Promise<Anchor[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Anchor]
    } catch {
      return []
    }
  })
}
