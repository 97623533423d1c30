import { type Permission, type Role, roleRights, type WardScope } from '@vigil/contract'
import { type Session } from './session-book.ts'

/** Whoever calls, a signed-in person or a program with a token: all that later steps go by. */
export interface Caller {
  /** Of the session or the token: the key of rate limits, of looks at wards and of live pages. */
  readonly id: string
  /** `null` for a program: its token is no person's, and outlives whoever made it. */
  readonly accountId: string | null
  /** A program is `token:` and its name, which no person can be called. */
  readonly username: string
  readonly role: Role | 'program'
  readonly rights: ReadonlySet<Permission>
  /** Wards it sees and acts in; `null` for all. */
  readonly wards: WardScope
  /** Those of them that are open in an emergency only. */
  readonly opened?: readonly string[]
}

const rightsOfRole = new Map(Object.entries(roleRights).map(([role, rights]): [string, ReadonlySet<Permission>] => [role, new Set(rights)]))

export function callerOf({ id, account }: Session): Caller {
  return { id, accountId: account.id, username: account.username, role: account.role, rights: rightsOfRole.get(account.role) ?? new Set(), wards: account.wards ?? null }
}

export function may({ rights }: Pick<Caller, 'rights'>, permission: Permission): boolean {
  return permission === 'public' || rights.has(permission)
}

/** Whether somebody with these wards sees this one. What lies in no ward is seen by those who see all. */
export function seesWard({ wards }: Pick<Caller, 'wards'>, wardId: string | null | undefined): boolean {
  return wards === null || (wardId !== null && wardId !== undefined && wards.includes(wardId))
}
