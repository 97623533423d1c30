import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

/** OWASP's second choice for argon2id: 19 MiB, two passes, one lane; about 30 ms on a server core. */
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const SALT_BYTES = 16
const TAG_BYTES = 32
/** Version 1.3 of Argon2 (RFC 9106), the only one Node makes. */
const VERSION = 19

/** PHC string, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`, unpadded base64. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES)
  const tag = await derive('argon2id', parameters(password, nonce, { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES, tagLength: TAG_BYTES }))
  return `$argon2id$v=${VERSION}$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(nonce)}$${unpadded(tag)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

/** Whether the password is the one the PHC string was made from; false for a string of another kind. */
export async function isPassword(phc: string, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, hash] = PHC.exec(phc) ?? []
  if (hash === undefined || salt === undefined) return false
  const expected = Buffer.from(hash, 'base64')
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism), tagLength: expected.length }
  const tag = await derive('argon2id', parameters(password, Buffer.from(salt, 'base64'), cost))
  return timingSafeEqual(tag, expected)
}

type Cost = Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism' | 'tagLength'>

/** The same letters typed on another keyboard may come as other code points: NFKC makes them one. */
function parameters(password: string, nonce: Buffer, cost: Cost): Argon2Parameters {
  return { message: Buffer.from(password.normalize('NFKC')), nonce, ...cost }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
