import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from '@vigil/contract/errors'

/** Keeps keys that are needed in clear, such as those of signatures, in the database in a form that a copy of the database alone does not give away. */
export interface Seal {
  seal(secret: string): Buffer
  /** @throws AppError INTERNAL when the server's secrets are others than when it was sealed. */
  open(sealed: Buffer): string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What is sealed; each has a key of its own. */
export type SealedKind = 'outbound' | 'alink'

/** AES-256-GCM under a key derived from the pepper. */
export function createSeal(pepper: Buffer, kind: SealedKind): Seal {
  const key = Buffer.from(hkdfSync('sha256', pepper, '', `vigil ${kind} secrets`, 32))
  return {
    seal(secret) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new AppError('INTERNAL', 'A stored key cannot be opened: the secrets in the data directory are not those it was made with.', { cause })
      }
    },
  }
}
