import { randomUUID } from 'node:crypto'

export type SessionName =
  /** The device's own session: one at a time, may persist, carries presence. */
  | { readonly kind: 'primary'; readonly id: string }
  /** A foreign tool or a second program with the device's secret. */
  | { readonly kind: 'secondary'; readonly id: string }

/** Any printable ASCII; every client tool's default id fits. */
const CLIENT_ID = /^[\x21-\x7e]{1,64}$/

/** No user name and no device id has this character, so nobody can name another's session. */
const SEPARATOR = '~'

/**
 * Under which name Aedes knows a session. A client id is unique in a broker and a second use of it ends the first, so the name is
 * bound to the user name: only who holds the secret can take a session over.
 */
export function sessionName(username: string, clientId: string): SessionName | undefined {
  if (clientId === username) return { kind: 'primary', id: username }
  if (clientId === '') return { kind: 'secondary', id: `${username}${SEPARATOR}${randomUUID()}` }
  return CLIENT_ID.test(clientId) ? { kind: 'secondary', id: `${username}${SEPARATOR}${clientId}` } : undefined
}
