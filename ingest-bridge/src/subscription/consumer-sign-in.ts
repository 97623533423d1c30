import { createHash } from 'node:crypto'
import { type Clock, type Role, roleRights } from '@vigil/contract'
import { createConnection } from '../store/connection.ts'
import type { ConsumerKeys } from './consumer-keys.ts'
import type { FeedFormat } from './feed-message.ts'
import { isSignedBy } from './signature.ts'
import { readUserName, type UserName } from './user-name.ts'

/** Who may read which group, and how it is told. */
export interface Admitted {
  readonly clientId: string
  readonly group: string
  readonly format: FeedFormat
  /** Whether it still may. Throws when that cannot be found out. */
  stillMay(): Promise<boolean>
}

export interface ConsumerSignIn {
  /** `undefined`: refused. Throws when it cannot be found out now. */
  check(userName: string, password: string): Promise<Admitted | undefined>
  abort(): void
  close(): Promise<void>
}

/** A signature is good for a connection made now: one that was overheard yesterday opens nothing. */
const SIGNATURE_WITHIN_MS = 15 * 60_000

const TOKEN = `
select a.role from session s join account a on a.id = s.account_id
where s.token_hash = $1 and s.kind = 'program' and s.expires_at > now() and a.disabled_at is null`

/**
 * Consumers sign in as programs: with a token an account was given (`POST /api/v1/session`, kind `program`) as password, or with
 * a signature by a key from the key file, in the manner of Alibaba Cloud IoT.
 */
export function createConsumerSignIn({ url, keys, clock }: { url: string; keys: ConsumerKeys; clock: Clock }): ConsumerSignIn {
  const database = createConnection({ url, name: 'vigil-bridge-sign-in' })

  const holdsToken = async (password: string): Promise<boolean> => {
    const hash = createHash('sha256').update(password).digest()
    const [row] = await database.use((connection) => connection.query<{ role: Role }>({ name: 'program-token', text: TOKEN, values: [hash] }))
    return row !== undefined && roleRights[row.role].includes('history:export')
  }

  const mayRead = (keyId: string, group: string) => keys.find(keyId)?.groups.includes(group) ?? false

  const isSigned = ({ group, signed }: UserName, password: string): boolean => {
    if (!signed) return false
    const key = keys.find(signed.keyId)
    if (!key || Math.abs(clock.now() - Number(signed.timestamp)) > SIGNATURE_WITHIN_MS) return false
    return isSignedBy(password, { ...signed, secret: key.secret }) && key.groups.includes(group)
  }

  return {
    async check(text, password) {
      const name = readUserName(text)
      if (!name) return undefined
      const { clientId, group, format, signed } = name
      if (signed) return isSigned(name, password) ? { clientId, group, format: format ?? 'alink', stillMay: async () => mayRead(signed.keyId, group) } : undefined
      return (await holdsToken(password)) ? { clientId, group, format: format ?? 'vigil', stillMay: () => holdsToken(password) } : undefined
    },
    abort: () => database.abort(),
    close: () => database.close(),
  }
}
