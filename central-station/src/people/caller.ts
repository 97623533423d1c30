import { type Permission, type Role, roleRights, type WardScope } from '@vigil/contract'
import type { Session } from './session-book.ts'

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
  /** Why it may do less than its role: the screen is locked, or a one-time password was used. */
  readonly held?: 'locked' | 'newcomer'
}

const rightsOfRole = new Map(Object.entries(roleRights).map(([role, rights]): [string, ReadonlySet<Permission>] => [role, new Set(rights)]))

/** Somebody who still has to choose a password does nothing else; a locked screen shows its wards and does nothing. */
const OF_NEWCOMER: ReadonlySet<Permission> = new Set(['self'])
const OF_LOCKED: ReadonlySet<Permission> = new Set(['self', 'ward:read'])

export function callerOf({ id, account, lockedMs }: Session): Caller {
  const rights = rightsOfRole.get(account.role) ?? new Set()
  const held = typeof lockedMs === 'number' ? 'locked' : typeof account.onceUntilMs === 'number' ? 'newcomer' : undefined
  const left = { locked: OF_LOCKED, newcomer: OF_NEWCOMER }
  return {
    id,
    accountId: account.id,
    username: account.username,
    role: account.role,
    rights: held === undefined ? rights : new Set([...rights].filter((right) => left[held].has(right))),
    wards: account.wards ?? null,
    ...(held === undefined ? {} : { held }),
  }
}

export function may({ rights }: Pick<Caller, 'rights'>, permission: Permission): boolean {
  return permission === 'public' || rights.has(permission)
}

/** Whether somebody with these wards sees this one. What lies in no ward is seen by those who see all. */
export function seesWard({ wards }: Pick<Caller, 'wards'>, wardId: string | null | undefined): boolean {
  return wards === null || (wardId !== null && wardId !== undefined && wards.includes(wardId))
}
