import { createHash } from 'node:crypto'

/** SHA-256 in hex: what is kept of a token. The token itself is random and long, so nothing slower is needed. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
