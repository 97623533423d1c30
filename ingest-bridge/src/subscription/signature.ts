import { createHmac, timingSafeEqual } from 'node:crypto'
import { signMethods, type SignMethod } from './user-name.ts'

export interface SignOptions {
  readonly method: SignMethod
  readonly keyId: string
  readonly secret: string
  /** Milliseconds since the Unix epoch, as in the user name. */
  readonly timestamp: string
}

/** The password that goes with a signed user name: base64 of the HMAC over key and time. */
export function signPassword({ method, keyId, secret, timestamp }: SignOptions): string {
  return createHmac(signMethods[method], secret).update(`authId=${keyId}&timestamp=${timestamp}`).digest('base64')
}

export function isSignedBy(password: string, options: SignOptions): boolean {
  const [given, right] = [Buffer.from(password), Buffer.from(signPassword(options))]
  return given.length === right.length && timingSafeEqual(given, right)
}
