import { closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DurableDocument } from '../commands/durable-document.ts'

const FILE_MODE = 0o600

/**
 * A JSON file that is there whole or not at all: written beside, brought to the disk, then renamed over.
 * What cannot be read counts as not there; `onUnreadable` is told, because something is then forgotten.
 */
export function jsonDocument<T>(path: string, onUnreadable: (path: string, error: unknown) => void = () => {}): DurableDocument<T> {
  return {
    load() {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as T
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onUnreadable(path, error)
        return undefined
      }
    },
    save: (value) => writeWhole(path, JSON.stringify(value)),
  }
}

/** A file that is there whole or not at all, readable by the agent alone; on the disk on return. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.new`
  const file = openSync(draft, 'w', FILE_MODE)
  try {
    // A draft that a crash left behind keeps the mode it was made with.
    fchmodSync(file, FILE_MODE)
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  syncFolder(dirname(path))
}

/** The rename itself must reach the disk; a file system that cannot sync a folder does it in its own time. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  } catch {
    // Windows opens no folders; there the rename is as durable as it gets.
  }
}
