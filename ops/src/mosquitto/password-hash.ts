import { pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

/** Rounds `mosquitto_passwd` uses. Secrets here are 256 random bits, so more would only slow down a ward that comes back at once. */
const ROUNDS = 101
const SALT_BYTES = 12
const HASH_BYTES = 64

/** A line's second half in a Mosquitto 2 password file: `$7$`, PBKDF2 with SHA-512, as mosquitto_passwd(1) writes it. */
export function hashPassword(secret: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  const hash = pbkdf2Sync(secret, salt, ROUNDS, HASH_BYTES, 'sha512')
  return `$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`
}

/** Whether a line of the password file is for this secret. */
export function isPasswordOf(hashed: string, secret: string): boolean {
  const [, kind, rounds, salt = '', hash = ''] = hashed.split('$')
  if (kind !== '7' || !/^\d+$/.test(rounds ?? '')) return false
  const expected = Buffer.from(hash, 'base64')
  const given = pbkdf2Sync(secret, Buffer.from(salt, 'base64'), Number(rounds), HASH_BYTES, 'sha512')
  return expected.length === given.length && timingSafeEqual(expected, given)
}
