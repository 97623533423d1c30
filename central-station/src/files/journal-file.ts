import { type FileHandle, open } from 'node:fs/promises'
import { makeFolderOf, PRIVATE_FILE } from './durable-file.ts'

/** Lines on disk that are still to be taken elsewhere. All offsets are bytes. */
export interface JournalFile {
  /** Resolves when the lines are on the disk, not only in the system's cache. Calls made meanwhile share the next flush. */
  append(lines: readonly string[]): Promise<void>
  /** Whole lines from the first one not yet taken, and the call that says they are taken. */
  peek(): Promise<{ readonly lines: readonly string[]; taken(): Promise<void> }>
  /** Bytes waiting. */
  depth(): number
  close(): Promise<void>
}

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

export async function openJournalFile(path: string): Promise<JournalFile> {
  await makeFolderOf(path)
  // Not `a`: the system would ignore our offsets. Everything written goes to `end`, which only this process moves.
  const file = await open(path, 'r+').catch(() => open(path, 'w+', PRIVATE_FILE))
  let end = await endOfWholeLines(file)
  let start = 0
  let waiting: { text: string; done: () => void; failed: (error: unknown) => void }[] = []
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  const writeWaiting = async () => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    try {
      const bytes = Buffer.from(batch.map(({ text }) => text).join(''))
      await file.write(bytes, 0, bytes.length, end)
      await file.datasync()
      end += bytes.length
      for (const { done } of batch) done()
    } catch (error) {
      for (const { failed } of batch) failed(error)
    }
  }

  return {
    append(lines) {
      if (lines.length === 0) return Promise.resolve()
      const written = new Promise<void>((done, failed) => {
        waiting.push({ text: lines.map((line) => `${line}\n`).join(''), done, failed })
      })
      void inTurn(writeWaiting)
      return written
    },
    peek: () =>
      inTurn(async () => {
        const { lines, bytes } = await readLines(file, start, end)
        return {
          lines,
          taken: () =>
            inTurn(async () => {
              start += bytes
              if (start < end) return
              await file.truncate(0)
              start = 0
              end = 0
            }),
        }
      }),
    depth: () => end - start,
    close: () => inTurn(() => file.close()),
  }
}

/** A power cut can leave half a line at the end: it was never confirmed to anyone, so writing goes on over it. */
async function endOfWholeLines(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  const buffer = Buffer.alloc(Math.min(size, CHUNK_BYTES))
  for (let until = size; until > 0; until -= buffer.length) {
    const from = Math.max(0, until - buffer.length)
    const { bytesRead } = await file.read(buffer, 0, until - from, from)
    const newline = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    if (newline >= 0) return from + newline + 1
  }
  return 0
}

/** Reads more and more until there is at least one whole line. */
async function readLines(file: FileHandle, from: number, end: number, want = CHUNK_BYTES): Promise<{ lines: string[]; bytes: number }> {
  const length = Math.min(want, end - from)
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, from)
  const last = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE)
  if (last >= 0) return { lines: buffer.toString('utf8', 0, last).split('\n'), bytes: last + 1 }
  return bytesRead === want ? readLines(file, from, end, want * 2) : { lines: [], bytes: 0 }
}
