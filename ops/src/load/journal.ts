import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { type Clock, normaliseRanges, type Range } from '@vigil/contract'

/** What the load generator itself says it produced, independent of spool, broker and database. */
export interface Journal {
  /** Objects `first`…`first + count - 1` of a device's epoch were recorded. */
  produced(device: string, epoch: string, first: number, count: number): void
  close(): void
}

/** Numbers by device and epoch. */
export type Produced = ReadonlyMap<string, ReadonlyMap<string, readonly Range[]>>

const SYNC_EVERY_MS = 100

/** Appends to the file and brings it to the disk ten times a second, so that a killed run knows what it had produced. */
export function openJournal(path: string, clock: Clock): Journal {
  // A line that a kill cut short ends here, so that it spoils no further one.
  let lines: string[] = existsSync(path) && !readFileSync(path, 'utf8').endsWith('\n') ? ['\n'] : []
  const file = openSync(path, 'a', 0o600)
  const sync = (): void => {
    if (lines.length === 0) return
    writeSync(file, lines.join(''))
    lines = []
    fsyncSync(file)
  }
  const stop = clock.every(SYNC_EVERY_MS, sync)
  return {
    produced: (device, epoch, first, count) => lines.push(`${device} ${epoch} ${first} ${count}\n`),
    close() {
      stop()
      sync()
      closeSync(file)
    },
  }
}

/** Reads a journal back; a last line cut by a kill is left out. */
export function readJournal(path: string): Produced {
  const numbers = new Map<string, Map<string, Range[]>>()
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [, device = '', epoch = '', first = '', count = ''] = /^(\S+) (\S+) (\d+) (\d+)$/.exec(line) ?? []
    if (device === '') continue
    const epochs = numbers.get(device) ?? new Map<string, Range[]>()
    numbers.set(device, epochs)
    epochs.set(epoch, [...(epochs.get(epoch) ?? []), [Number(first), Number(first) + Number(count) - 1]])
  }
  return new Map([...numbers].map(([device, epochs]) => [device, new Map([...epochs].map(([epoch, ranges]) => [epoch, normaliseRanges(ranges)]))]))
}
