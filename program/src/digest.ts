import { createHash } from 'node:crypto'

/** SHA-256, base64: by what the same message is known again. */
export function digestOf(payload: string | Uint8Array): string {
  return createHash('sha256').update(payload).digest('base64')
}
