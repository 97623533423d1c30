import { createHash, timingSafeEqual } from 'node:crypto'

/** Constant-time comparison that does not tell the length either. */
export function sameText(given: Buffer | string, expected: string): boolean {
  const digest = (text: Buffer | string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
