import { wrong } from './asked.ts'

/** Where the next page begins: the sort key of the last match and its id, both as text. Opaque to clients. */
export interface Cursor {
  readonly key: string
  readonly id: string
}

export function writeCursor({ key, id }: Cursor): string {
  return Buffer.from(JSON.stringify([key, id]), 'utf8').toString('base64url')
}

/** @throws AppError INVALID_REQUEST */
export function readCursor(text: string): Cursor {
  try {
    const parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown
    if (Array.isArray(parsed) && parsed.length === 2 && parsed.every((part) => typeof part === 'string')) return { key: parsed[0] as string, id: parsed[1] as string }
  } catch {
    // Told below, as everything else that is not a cursor.
  }
  throw wrong('_cursor cannot be read. Follow the next link of a page as it is.')
}
